"""Whether a solver arrived: its gap is kept on the estimator, and a solver that did not arrive says so."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning


def note_gap(estimator: Any, gap: float, tolerance: float, *, meaning: str, remedy: str = "max_iter") -> None:
    """Set `gap_` and `converged_`; warn where the gap exceeds the tolerance.

    meaning  what the gap measures, for the message
    """
    estimator.gap_, estimator.converged_ = float(gap), bool(gap <= tolerance)
    if not estimator.converged_:
        warnings.warn(
            f"{estimator.name} did not converge: {meaning} is {gap:.2g}, wanted {tolerance:.2g}; raise {remedy}",
            ConvergenceWarning,
            stacklevel=3,
        )
