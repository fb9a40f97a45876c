"""What a score owes to chance: its mean over labels dealt out at random, taken off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headstart.arrays import Labels

TIMES = 5


def above_chance(
    score: Callable[[Labels], float], codes: Labels, rng: np.random.Generator, times: int = TIMES
) -> float:
    """score(codes) minus the mean of `times` scores of permuted codes.

    Scores that look at the rows they were fitted on rise with the number of columns whatever the labels say; the same
    rise is in the permuted ones.
    """
    return score(codes) - float(np.mean([score(rng.permutation(codes)) for _ in range(times)]))
