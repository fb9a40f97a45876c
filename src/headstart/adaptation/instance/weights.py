"""What a weighted sample is worth (Kish, 1965), and weights flattened until it is worth enough (Shimodaira, 2000)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from headstart.arrays import Vector


def effective_rows(weights: Vector) -> float:
    """(Σw)² / Σw²: n for equal weights, 1 where one row has it all.

    >>> effective_rows(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def flattening(weights: Vector, least: float) -> float:
    """The largest exponent t in [0, 1] for which w^t is worth at least `least` rows; 1 where w itself is."""
    n = len(weights)
    if effective_rows(weights) >= least:
        return 1.0
    if least >= n or weights.max() <= 0:
        return 0.0
    if np.count_nonzero(weights) <= least:  # rows of weight 0 stay there, whatever the exponent
        return 0.0
    with np.errstate(divide="ignore"):
        logs = np.log(weights / weights.max())  # their exponentials take a tenth of what powers do
    return float(brentq(lambda exponent: effective_rows(np.exp(exponent * logs)) - least, 1e-9, 1.0))
