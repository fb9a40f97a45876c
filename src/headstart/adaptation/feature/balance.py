"""How much the classes differ between the domains beside the domains as wholes (Wang et al., ACM TIST 2020, eq.
21), from how well linear classifiers tell the sides apart."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Labels, Matrix
from headstart.heads.lda import LDA

LEAST_ROWS = 4


def apart(source: Matrix, target: Matrix) -> float:
    """The proxy A-distance 2(1 - 2 error) between rows (n, k) and (m, k), in [0, 2], by leave-one-out."""
    X, side = np.concatenate([source, target]), np.repeat([0, 1], [len(source), len(target)])
    accuracy = LDA(shrinkage=0.1, class_weight="balanced").fit(X, side).loo_accuracy_
    return max(0.0, 2 * (2 * accuracy - 1))


def estimated_balance(Zs: Matrix, ys: Labels, Zt: Matrix, guesses: Labels, n_classes: int) -> float:
    """1 - d / (d + mean over classes of d_c) in [0, 1]: near 1 where classes differ more than the domains as wholes.

    Classes of fewer than 4 rows on a side are left out; .5 where nothing can be told.
    """
    of_classes = []
    for code in range(n_classes):
        source, target = Zs[ys == code], Zt[guesses == code]
        if min(len(source), len(target)) >= LEAST_ROWS:
            of_classes.append(apart(source, target))
    whole = apart(Zs, Zt)
    within = float(np.mean(of_classes)) if of_classes else 0.0
    return within / (whole + within) if of_classes and whole + within > 0 else 0.5
