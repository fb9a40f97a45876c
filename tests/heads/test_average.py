"""The mean of four heads: what each of them says, added up, in two matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax

from headstart.heads.average import Average
from headstart.heads.head import Head
from headstart.heads.logistic import Logistic
from headstart.heads.ridge import Ridge
from headstart.heads.statistics import Statistics
from headstart.heads.svm import LinearSVM

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("shape", [(60, 8), (30, 70)])
def test_it_says_the_geometric_mean_of_what_its_members_say(shape: tuple[int, int], thin: bool, world: Builder) -> None:
    X, y = world(*shape, 3, apart=2.0)
    X = sparse.csr_matrix(X) if thin else X
    T = X[:20]
    head = Average(seed=3).fit(X, y)
    alone = [Ridge(), Logistic(seed=3), Logistic(normalise=True, seed=3), LinearSVM(seed=3)]
    logs = [np.log(member.fit(X, y).predict_proba(T)) for member in alone]
    assert head.predict_proba(T) == pytest.approx(softmax(np.mean(logs, axis=0), axis=1), abs=1e-9)


def test_members_that_are_fitted_already_are_not_fitted_again(world: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = world(40, 9, 2, apart=1.0)
    statistics = Statistics.of(X, y)
    ready: list[Head] = [Ridge().fit(X, y), Logistic().fit(X, y), LinearSVM().fit(X, y), Logistic(C=2.0).fit(X, y)]
    expected = Average().fit(X, y).predict_proba(X)
    fits: list[str] = []
    for kind in (Ridge, Logistic, LinearSVM):
        real = kind._learn
        monkeypatch.setattr(kind, "_learn", lambda self, s, real=real: (fits.append(repr(self)), real(self, s)))
    assert np.array_equal(Average().fit_beside(statistics, ready).predict_proba(X), expected)
    assert fits == ["Logistic(normalise=True)"]
    fits.clear()
    assert not np.array_equal(Average(C=0.1).fit_beside(statistics, ready).predict_proba(X), expected)
    assert len(fits) == 3  # set otherwise than those at hand; ridge alone has no C


def test_a_class_announced_and_never_seen_has_no_probability(world: Builder) -> None:
    X, y = world(30, 5, 2)
    head = Average().fit_statistics(Statistics.of(X, y, classes=[0, 1, 2]))
    proba = head.predict_proba(X)
    assert (proba[:, 2] == 0).all() and np.allclose(proba.sum(axis=1), 1)


def test_it_loses_less_than_its_members_do_on_average(world: Builder) -> None:
    """As it must (the logarithm of a mean): the log loss of the pool is at most the mean log loss."""
    X, y = world(400, 30, 4, apart=2.5)
    fit, held = slice(0, 24), slice(24, None)

    def loss(head: Head) -> float:
        proba = head.fit(X[fit], y[fit]).predict_proba(X[held])
        return float(-np.log(proba[np.arange(len(proba)), y[held]]).mean())

    assert loss(Average()) <= np.mean([loss(member) for member in Average().members]) + 1e-12


def test_a_search_leaves_it_out_where_a_part_of_it_would_take_too_long() -> None:
    assert Average().refusal(500, 300, 5, sparse=False) == ""
    assert Average().refusal(30_000, 300, 5, sparse=False).startswith("logistic is a part of it: too slow")
