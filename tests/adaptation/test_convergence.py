"""A solver that did not arrive says how far it is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.convergence import note_gap


def test_the_gap_is_kept_and_named() -> None:
    estimator = SimpleNamespace(name="kmm")
    note_gap(estimator, 1e-6, 1e-5, meaning="the duality gap")
    assert estimator.converged_
    with pytest.warns(ConvergenceWarning, match="kmm did not converge: the duality gap is 0.5, wanted 1e-05"):
        note_gap(estimator, 0.5, 1e-5, meaning="the duality gap")
    assert estimator.gap_ == 0.5
    assert not estimator.converged_
