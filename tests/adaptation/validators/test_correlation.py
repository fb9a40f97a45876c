"""Class correlation: 1 for sure and even answers, less for each failing."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.validators.correlation import class_correlation

from .evidences import evidence


def test_it_is_the_cosine_with_the_identity() -> None:
    P = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    M = P.T @ P
    cosine = (M * np.eye(3)).sum() / np.linalg.norm(M) / np.linalg.norm(np.eye(3))
    assert class_correlation(evidence(P)) == pytest.approx(cosine)


def test_sure_and_even_is_best() -> None:
    assert class_correlation(evidence(np.eye(3))) == pytest.approx(1)
    assert class_correlation(evidence([[1, 0, 0]] * 3)) < 0.6
    assert class_correlation(evidence([[1 / 3] * 3] * 3)) < 0.6
