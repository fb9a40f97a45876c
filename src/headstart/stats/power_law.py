"""Power laws of learning: error against the number of labels (Cortes et al., NeurIPS 1993; Hestness et al., 2017)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from headstart.arrays import Vector

EXPONENTS = (0.25, 0.5, 0.75, 1.0)


def power_law(n: Vector, error: Vector) -> tuple[float, float, float]:
    """a, b, c of error = a + b n^-c with a, b >= 0: least squares for each of a few exponents c, the best of them."""
    best = (float(error.mean()), 0.0, 0.5)
    least = np.inf
    for exponent in EXPONENTS:
        columns = np.column_stack([np.ones_like(n), n**-exponent])
        (floor, slope), residual = nnls(columns, error)
        if residual < least - 1e-12:
            best, least = (float(floor), float(slope), exponent), residual
    return best
