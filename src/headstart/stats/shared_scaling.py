"""Scaling by groups of rows: one potential for each group, found by Newton's method where Sinkhorn's steps would take
hundreds of turns (aggregation: Chatelin & Miranker, Linear Algebra and its Applications 1982; damping: Levenberg)."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Matrix, Vector

WEAKEST = 1e-10  # damping, in units of the groups' masses
ROUNDING = 1e-14  # of what is climbed, relatively


def group_potentials(
    logs: Matrix, a: Vector, b: Vector, *, tolerance: float, max_iter: int = 100
) -> tuple[Vector, Vector]:
    """t (k,) and s (m,) such that exp(t + s + logs) has row sums a (k,), off by `tolerance` in total, and column sums b
    (m,); a and b are of the same total.

    Climbs the concave Σ a t - Σ b log Σ exp(t + logs); NaN where a row or column of `logs` (k, m) is nowhere finite.
    """
    t, damping = np.zeros(len(a)), 1e-3
    if not (np.isfinite(logs.max(axis=0)).all() and np.isfinite(logs.max(axis=1)).all()):
        return t + np.nan, np.full(len(b), np.nan)
    mass, totals = _columns_scaled(logs, t, b)
    for _ in range(max_iter):
        rows = mass.sum(axis=1)
        slope = a - rows
        if np.abs(slope).sum() <= tolerance:
            break
        curvature = np.diag(rows) - (mass / b) @ mass.T
        for _ in range(20):  # more damping until the step climbs
            step = np.linalg.solve(curvature + np.diag(damping * a + 1e-15), slope)
            new_mass, new_totals = _columns_scaled(logs, t + step, b)
            if a @ step - b @ (new_totals - totals) >= -ROUNDING * np.abs(new_totals).max():
                break
            damping *= 10
        t, mass, totals = t + step, new_mass, new_totals
        damping = max(damping / 10, WEAKEST)
    level = float(a @ t) / float(a.sum())
    return t - level, np.log(b) - totals + level


def _columns_scaled(logs: Matrix, t: Vector, b: Vector) -> tuple[Matrix, Vector]:
    """exp(t + logs) with columns brought to the sums b, and the logarithms of the sums that they had."""
    mass = logs + t[:, None]
    top = mass.max(axis=0)
    mass -= top
    np.exp(mass, out=mass)
    sums = mass.sum(axis=0)
    mass *= b / sums
    return mass, top + np.log(sums)
