"""EM finds the prior, brings the accuracy back, and says how far it is from the optimum."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.label_shift.em import EMPrior
from headstart.adaptation.none import NoAdaptation
from headstart.heads.lda import LDA

from ..worlds import accuracy, other_shares, same


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_prior_is_found_and_pays(seed: int) -> None:
    pair = other_shares(400, seed=seed)
    adapter = EMPrior(head=LDA())
    gained = accuracy(adapter, pair) - accuracy(NoAdaptation(head=LDA()), pair)
    assert gained > 0.1
    np.testing.assert_allclose(adapter.prior_, [0.1, 0.1, 0.8], atol=0.08)
    assert adapter.converged_
    assert adapter.gap_ <= 1e-6


def test_without_shift_the_prior_stays() -> None:
    pair = same(400)
    adapter = EMPrior(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    np.testing.assert_allclose(adapter.prior_, adapter.source_prior_, atol=0.06)


def test_it_is_a_fixed_point_of_the_textbook_step() -> None:
    pair = other_shares(300)
    adapter = EMPrior(head=LDA(), tolerance=1e-9, max_iter=50_000).fit(pair.Xs, pair.ys, pair.Xt)
    np.testing.assert_allclose(adapter.predict_proba(pair.Xt).mean(axis=0), adapter.prior_, atol=1e-5)


def test_too_few_steps_are_told() -> None:
    pair = other_shares(300)
    with pytest.warns(ConvergenceWarning, match="em_prior did not converge: what the likelihood could still gain"):
        EMPrior(head=LDA(), max_iter=1, tolerance=1e-12).fit(pair.Xs, pair.ys, pair.Xt)
