"""Entropies against scipy's, and what each of the two votes for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy

from headstart.adaptation.validators.confidence import entropies, entropy, information

from .evidences import evidence


def test_entropies() -> None:
    proba = np.array([[0.5, 0.5], [1.0, 0.0], [0.2, 0.8]])
    np.testing.assert_allclose(entropies(proba), scipy_entropy(proba, axis=1), atol=1e-9)
    assert entropy(evidence(proba)) == pytest.approx(-scipy_entropy(proba, axis=1).mean())


def test_being_sure_of_one_class_throughout_is_worth_nothing_to_information() -> None:
    one_class, both, unsure = [[1.0, 0.0]] * 4, [[1.0, 0.0], [0.0, 1.0]] * 2, [[0.5, 0.5]] * 4
    assert entropy(evidence(one_class)) == pytest.approx(entropy(evidence(both)))
    assert information(evidence(one_class)) == pytest.approx(0, abs=1e-9)
    assert information(evidence(unsure)) == pytest.approx(0, abs=1e-9)
    assert information(evidence(both)) == pytest.approx(np.log(2))
