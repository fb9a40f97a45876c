"""The source's held-out error, weighted as the target would have drawn its rows (IWV: Sugiyama, Krauledat & Müller,
JMLR 2007), and with a control variate (DEV: You et al., ICML 2019)."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.instance.weights import effective_rows, flattening
from headstart.adaptation.validators.evidence import Evidence
from headstart.arrays import Vector

LEAST_EFFECTIVE = 0.1


def losses(evidence: Evidence) -> Vector:
    """1 where a held-out source row is answered wrongly, else 0; (h,)."""
    return np.asarray(evidence.held_out.argmax(axis=1) != evidence.held_out_y, dtype=np.float64)


def importance_weighted(evidence: Evidence) -> float:
    """Minus the weighted error, weights normalised, and flattened until they are worth a tenth of the rows."""
    weights = evidence.importance
    least = LEAST_EFFECTIVE * len(weights)
    if effective_rows(weights) < least:
        weights = (weights / weights.max()) ** flattening(weights, least)
    return -float(weights @ losses(evidence) / weights.sum())


def deep_embedded(evidence: Evidence) -> float:
    """Minus mean w·loss + η mean w - η with η = -Cov(w·loss, w) / Var(w): unbiased, of less variance; eq. 5."""
    weights = evidence.importance
    weighted = weights * losses(evidence)
    variance = float(weights.var())
    eta = -float(np.cov(weighted, weights, bias=True)[0, 1]) / variance if variance > 0 else 0.0
    return -float(weighted.mean() + eta * weights.mean() - eta)
