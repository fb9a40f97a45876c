"""Neighbourhood density against a loop, and tight clusters against none."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.validators.density import soft_neighbourhood_density

from .evidences import evidence


def test_it_is_the_entropy_of_the_similarities() -> None:
    P = np.random.default_rng(0).dirichlet([1, 1, 1], 7)
    total = 0.0
    for i in range(7):
        others = [j for j in range(7) if j != i]
        s = np.array([P[i] @ P[j] / np.linalg.norm(P[i]) / np.linalg.norm(P[j]) for j in others]) / 0.05
        q = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
        total -= (q * np.log(q)).sum()
    assert soft_neighbourhood_density(evidence(P)) == pytest.approx(total / 7)


def test_clusters_are_denser_than_scattered_answers() -> None:
    clusters = np.eye(3)[np.arange(60) % 3] * 0.97 + 0.01
    scattered = np.random.default_rng(0).dirichlet([1, 1, 1], 60)
    assert soft_neighbourhood_density(evidence(clusters)) > soft_neighbourhood_density(evidence(scattered))
    assert soft_neighbourhood_density(evidence(clusters[:1])) == 0
    assert np.isfinite(soft_neighbourhood_density(evidence(np.tile(clusters, (40, 1)))))
