"""NCE against the conditional entropy of a contingency table."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.nce import NCE


def test_is_minus_the_conditional_entropy() -> None:
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet(np.full(5, 0.3), 60), rng.integers(0, 3, 60)
    shares = np.bincount(y) / 60
    expected = mutual_info_score(y, proba.argmax(axis=1)) + (shares * np.log(shares)).sum()  # I(Y; Z) - H(Y)
    found = NCE().measure(LabelledFeatures.of(rng.normal(size=(60, 2)), y, source_proba=proba))
    assert found.value == pytest.approx(expected)
