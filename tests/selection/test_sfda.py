"""SFDA: its discriminant against scikit-learn's, its mixing, and the noise its published form is sure of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.sfda import SFDA, posterior

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_without_shrinkage_it_is_discriminant_analysis(world: Builder) -> None:
    X, y = world(90, 4, 3)
    peer = LinearDiscriminantAnalysis(solver="lsqr", store_covariance=True).fit(X, y)
    assert np.allclose(posterior(X, y, 1e9), peer.predict_proba(X), atol=1e-6)


def test_mixing_makes_it_harder(world: Builder) -> None:
    X, y = world(90, 6, 3, apart=2)
    features = LabelledFeatures.of(X, y)
    rows = features.unit_coordinates
    plain = posterior(rows, y, 5.0)[np.arange(90), y].mean()
    assert SFDA(above_chance=False).measure(features).value < plain


def test_what_is_published_is_sure_of_noise(world: Builder) -> None:
    """Why chance is taken off by default. Little shrinkage, more columns than rows."""
    features = LabelledFeatures.of(*world(40, 200, 4, apart=0))
    assert SFDA(strength=1e9, above_chance=False).measure(features).value > 0.95
    assert SFDA(strength=1e9).measure(features).value == pytest.approx(0, abs=0.05)
