"""Company: whom the other methods agree with where an adapted classifier contradicts the unadapted one.

Methods that go different ways make different mistakes: a new answer at which a map, a graph and a plan of transport
arrive alike is more often right than one that only one of them finds (Hu et al., "Towards reliable model selection for
unsupervised domain adaptation", NeurIPS 2024, rank models by how near they are to the ensemble of all).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headstart.arrays import Labels

# what goes one way counts once; any other method is of a kind of its own
KINDS = {
    "coral": "moments", "linear_map": "moments", "subspace": "moments", "geodesic": "moments", "batch_norm": "moments",
    "transport": "plan", "class_transport": "plan", "exact_transport": "plan", "partial_transport": "plan",
    "unbalanced_transport": "plan", "jdot": "plan", "jda": "classes", "bda": "classes",
}  # fmt: skip
ENOUGH = 3  # other kinds: two may err together


def company(answers: Mapping[str, Labels], *, nothing: str = "none") -> dict[str, float | None]:
    """method -> of the target rows (n,) that it answers otherwise than `nothing`, the share that others answer as it
    does, less the share that they answer as `nothing` does: in [-1, 1], the mean over kinds of methods other than its
    own. 0 where it changes nothing, None where fewer than three other kinds were asked.

    >>> asked = {"none": [0, 0, 0], "coral": [1, 0, 0], "tca": [1, 1, 0], "nearest": [1, 1, 0], "manifold": [0, 1, 0]}
    >>> round(company({name: np.array(codes) for name, codes in asked.items()})["tca"], 2)
    0.33
    """
    unadapted = np.asarray(answers[nothing])
    others = {name: np.asarray(codes) for name, codes in answers.items() if name != nothing}

    def beside(name: str) -> float | None:
        mine = others[name]
        changed = mine != unadapted
        found: dict[str, list[float]] = {}
        for other, codes in others.items():
            kind = KINDS.get(other, other)
            if kind != KINDS.get(name, name):
                with_it, against = codes[changed] == mine[changed], codes[changed] == unadapted[changed]
                found.setdefault(kind, []).append(float(with_it.mean() - against.mean()) if changed.any() else 0.0)
        return float(np.mean([np.mean(each) for each in found.values()])) if len(found) >= ENOUGH else None

    return {name: beside(name) for name in others}
