"""Several p-values as one decision: Cauchy's combination, Bonferroni's correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MOST = 0.95  # a p near 1, which coarse tests often give, must not cancel a small one


def cauchy(p: Sequence[float]) -> float:
    """One p for several tests of one hypothesis, however they depend on each other (Liu & Xie, JASA 2020).

    Nearly exact for small p, which is where decisions fall.

    >>> round(cauchy([0.01]), 6), cauchy([0.01, 0.01]) < 0.011
    (0.01, True)
    """
    held = np.clip(np.asarray(p, dtype=np.float64), 1e-15, MOST)
    return float(0.5 - np.arctan(np.tan((0.5 - held) * np.pi).mean()) / np.pi)


def bonferroni(p: Mapping[str, float]) -> dict[str, float]:
    """p adjusted for asking several questions: any false one lies below a with probability a at most (Dunn, JASA 1961).

    Not Holm's version, where one true difference makes a false one on the next question more likely.

    >>> bonferroni({"a": 0.125, "b": 0.5})
    {'a': 0.25, 'b': 1.0}
    """
    return {name: min(1.0, len(p) * value) for name, value in p.items()}
