"""The target's class shares from a source classifier's answers alone, when P(X given Y) is the same on both sides.

EM for the maximum likelihood (Saerens, Latinne & Decaestecker, Neural Computation 2002) on probabilities calibrated
with a temperature and one bias per class (Alexandari, Kundaje & Shrikumar, ICML 2020); BBSE from the confusion matrix
(Lipton, Wang & Smola, ICML 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from scipy.stats import chi2

from headstart.arrays import Labels, Matrix, Vector
from headstart.stats.calibration import as_log

STEPS = 1000


@dataclass(frozen=True)
class Calibration:
    """softmax(log p / temperature + bias)."""

    temperature: float
    bias: Vector

    def apply(self, proba: Matrix) -> Matrix:
        return np.asarray(softmax(as_log(proba) / self.temperature + self.bias, axis=1))


def bias_corrected_temperature(proba: Matrix, y: Labels) -> Calibration:
    """The calibration of least log loss on held-out source rows; proba (n, C), y codes (n,)."""
    logs, n_classes = as_log(proba), proba.shape[1]
    rows = np.arange(len(y))

    def objective(free: Vector) -> tuple[float, Vector]:
        scale = np.exp(free[0])
        log_p = log_softmax(scale * logs + free[1:], axis=1)
        slopes = np.exp(log_p)
        slopes[rows, y] -= 1
        gradient = np.r_[(slopes * logs).sum() * scale, slopes.sum(axis=0)] / len(y)
        # a trace of a penalty holds what the data leave free: a common shift of the biases, classes never seen
        return float(-log_p[rows, y].mean() + 1e-4 * (free**2).sum()), gradient + 2e-4 * free

    found = minimize(objective, np.zeros(n_classes + 1), jac=True, method="L-BFGS-B").x
    return Calibration(float(np.exp(-found[0])), found[1:])


@dataclass(frozen=True)
class Shares:
    """Estimated class shares of the target (C,) and p of "they are the source's" (likelihood ratio; NaN for BBSE)."""

    shares: Vector
    p: float


def em_shares(proba: Matrix, source_shares: Vector) -> Shares:
    """Maximum likelihood shares from calibrated probabilities of target rows (m, C).

    Classes the source never showed keep share 0. p: twice the gain in log likelihood against chi² of C - 1 degrees.
    """
    present = source_shares > 0
    ratios = proba[:, present] / source_shares[present]
    shares = source_shares[present] / source_shares[present].sum()
    start = np.log(ratios @ shares).sum()
    for _ in range(STEPS):
        joint = ratios * shares
        updated = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        moved = np.abs(updated - shares).max()
        shares = updated
        if moved < 1e-8:
            break
    gain = max(0.0, float(np.log(ratios @ shares).sum() - start))
    full = np.zeros(len(source_shares))
    full[present] = shares
    return Shares(full, float(chi2.sf(2 * gain, max(present.sum() - 1, 1))))


def bbse_shares(joint: Matrix, predicted: Vector) -> Shares:
    """Shares that explain how often the target rows were called each class.

    joint      (C, C) P(called i, is j) on held-out source rows; predicted (C,) shares of calls on the target
    """
    weights = np.linalg.lstsq(joint, predicted, rcond=None)[0].clip(min=0.0)
    shares = weights * joint.sum(axis=0)
    return Shares(shares / max(float(shares.sum()), 1e-12), float("nan"))


def condition_number(joint: Matrix) -> float:
    """Of P(called i | is j): large means that some classes are called alike and their shares cannot be told apart."""
    seen = joint.sum(axis=0) > 0
    return float(np.linalg.cond(joint[np.ix_(seen, seen)] / joint[:, seen].sum(axis=0)))


def shifted(proba: Matrix, source_shares: Vector, target_shares: Vector) -> Matrix:
    """Probabilities (n, C) as they are under other class shares: Bayes' rule, nothing retrained."""
    ratio = np.where(source_shares > 0, target_shares / np.where(source_shares > 0, source_shares, 1.0), 0.0)
    weighted = proba * ratio
    return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-300))
