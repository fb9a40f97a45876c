"""Corr-C: classes should be told apart (Tu et al., "Assessing model out-of-distribution generalization with softmax
prediction probability baselines and a correlation method", 2023)."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.validators.evidence import Evidence


def class_correlation(evidence: Evidence) -> float:
    """Share of P'P (C, C) on its diagonal, the closeness of the class correlation matrix to the identity: answers that
    are sure and diverse score 1."""
    product = evidence.target.T @ evidence.target
    n_classes = len(product)
    return float(np.trace(product) / (np.sqrt(n_classes) * max(np.linalg.norm(product), 1e-300)))
