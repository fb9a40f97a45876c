"""Entropic transport: the barycentre of the plan, new rows, known labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.entropic import EntropicTransport, drawn, even_masses, forbid_other_classes
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.stats.sinkhorn import sinkhorn

from ..worlds import moved, some_known


def test_source_rows_go_to_the_barycentre_of_the_plan() -> None:
    pair = moved(50)
    adapter = EntropicTransport(tolerance=1e-5, max_iter=20_000, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    cost = ((pair.Xs[:, None] - pair.Xt[None]) ** 2).sum(axis=2)
    plan = sinkhorn(cost / cost.max(), *even_masses(cost), reg=0.05, tolerance=1e-9, max_iter=50_000).matrix
    expected = plan @ pair.Xt / plan.sum(axis=1, keepdims=True)
    found = adapter.transform_source(pair.Xs)
    assert np.abs(found - expected).max() < 2e-3 * np.abs(expected).max()
    assert adapter.converged_
    assert adapter.gap_ <= 1e-5


def test_new_source_rows_go_where_their_neighbours_go() -> None:
    pair = moved(60)
    adapter = EntropicTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    close = adapter.transform_source(pair.Xs + 1e-4)
    np.testing.assert_allclose(close, adapter.transform_source(pair.Xs), atol=0.01)


def test_known_labels_keep_other_classes_out() -> None:
    cost = np.zeros((2, 3), dtype=np.float32)
    forbid_other_classes(cost, np.array([0, 1]), np.array([1, -1, 0]))
    assert cost.tolist() == [[1, 0, 0], [0, 0, 1]]
    pair = moved(60)
    pair = pair._replace(Xt=pair.Xs[:, [1, 2, 0, 3, 4]], yt=pair.ys)  # transport alone takes each class for another
    blind = EntropicTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    told = EntropicTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, some_known(pair, 30))
    assert (told.predict(pair.Xt) == pair.yt).mean() > (blind.predict(pair.Xt) == pair.yt).mean() + 0.3


def test_what_it_says() -> None:
    pair = moved(40)
    with pytest.warns(ConvergenceWarning, match="transport did not converge: mass in the wrong place"):
        EntropicTransport(reg=0.005, tolerance=1e-7, max_iter=2, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="reg must be positive"):
        EntropicTransport(reg=0.0).fit(pair.Xs, pair.ys, pair.Xt)


def test_more_rows_than_asked_for_are_carried_by_those_that_were_drawn() -> None:
    pair = moved(200)
    whole = EntropicTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    few = EntropicTransport(most_rows=80, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, some_known(pair, 30))
    assert len(few.Xt_) == 80
    assert (few.predict(pair.Xt) == whole.predict(pair.Xt)).mean() > 0.9
    kept = drawn(Domains.of(pair.Xs, pair.ys, pair.Xt, some_known(pair, 30)), 40, seed=0)
    assert kept.known.sum() == 30
    assert len(kept.Xs) == len(kept.Xt) == 40
