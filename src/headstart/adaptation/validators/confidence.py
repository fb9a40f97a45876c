"""How sure the target's answers are, and how they spread over the classes (information maximisation: Bridle, Heading &
MacKay, NeurIPS 1991)."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.validators.evidence import Evidence
from headstart.arrays import Matrix, Vector


def entropies(proba: Matrix) -> Vector:
    """-Σ p log p in nats of each row (n,)."""
    return np.asarray(-(proba * np.log(proba.clip(min=1e-12))).sum(axis=1))


def entropy(evidence: Evidence) -> float:
    """Minus the mean entropy of the target's answers: sure is good. Blind to being sure of one class throughout."""
    return -float(entropies(evidence.target).mean())


def information(evidence: Evidence) -> float:
    """Entropy of the mean answer minus mean entropy of the answers: sure, and not always the same."""
    proba = evidence.target
    return float(entropies(proba.mean(axis=0, keepdims=True))[0] - entropies(proba).mean())
