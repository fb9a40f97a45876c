"""Exact transport on rows: where they land, and a solver that was stopped."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.transport.exact import ExactTransport
from headstart.heads.lda import LDA

from ..worlds import accuracy, moved

pytest.importorskip("ot", reason="POT is not installed")


@pytest.mark.filterwarnings("ignore::UserWarning")  # the solver itself says that it stopped
def test_a_solver_stopped_early_names_its_gap() -> None:
    pair = moved(60)
    adapter = ExactTransport(max_iter=1, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert not adapter.converged_
    assert adapter.gap_ > 1e-3


def test_rows_of_the_source_land_among_those_of_the_target() -> None:
    pair = moved(120)
    adapter = ExactTransport(head=LDA())
    assert accuracy(adapter, pair) > 0.85
    carried = adapter.transform_source(pair.Xs)
    np.testing.assert_allclose(carried.mean(axis=0), pair.Xt.mean(axis=0), atol=1e-6)
    near = adapter.transform_source(pair.Xs[:5] + 1e-6)
    np.testing.assert_allclose(near, carried[:5], atol=1e-4)
