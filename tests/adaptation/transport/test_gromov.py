"""Gromov-Wasserstein transport: brute force, copies in another width, and the exchange that no loss can see."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from headstart.adaptation.transport.gromov import GromovTransport, distances, gromov_plan, to_classes
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, some_known

pytest.importorskip("ot", reason="POT is not installed")

UNEVEN = np.array([[0.0, 0.0, 0.0], [6.0, 0.0, 0.0], [0.0, 14.0, 0.0]])
EVEN = 6 * np.eye(3)


def across(means: Any, n: int = 80, *, seed: int = 0, copied: bool = False) -> Pair:
    """Three classes of one size in three columns; the target's rows (others, or copies) turned into seven columns,
    doubled and moved."""
    rng = np.random.default_rng(seed)
    ys, yt = rng.permutation(np.arange(n) % 3), rng.permutation(np.arange(n) % 3)
    Xs, Xt = (rng.normal(size=(n, 3)) + means[y] for y in (ys, yt))
    if copied:
        Xt, yt = Xs[::-1], ys[::-1]
    turn = np.linalg.qr(rng.normal(size=(7, 7)))[0][:3]
    return Pair(Xs, ys, 2 * Xt @ turn + 5, yt)


def loss(first: Any, second: Any, plan: Any) -> float:
    """The sum over all pairs of pairs, written out."""
    return float(np.einsum("ij,kl,ikjl->", plan, plan, (first[:, :, None, None] - second[None, None]) ** 2))


def test_of_all_assignments_none_is_better() -> None:
    rng = np.random.default_rng(0)
    first, second = distances(rng.normal(size=(5, 2))), distances(rng.normal(size=(5, 4)))
    costs = 0.1 * rng.random((5, 5))
    orders = [np.eye(5)[list(order)] / 5 for order in itertools.permutations(range(5))]
    losses = [loss(first, second, plan) + float((costs * plan).sum()) for plan in orders]
    found = [gromov_plan(first, second, costs, start, max_iter=100) for start in orders]
    for coupling, said in found:
        assert said == pytest.approx(loss(first, second, coupling.plan) + float((costs * coupling.plan).sum()))
        assert coupling.gap < 1e-9
    assert min(said for _, said in found) == pytest.approx(min(losses))


def test_a_copy_in_another_width_is_recovered_row_by_row() -> None:
    pair = across(UNEVEN, copied=True)
    adapter = GromovTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    np.testing.assert_allclose(adapter.transform_source(pair.Xs), pair.Xt[::-1], atol=1e-6)
    assert min(adapter.losses_.values()) == pytest.approx(0, abs=1e-9)
    assert accuracy(adapter, pair) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_other_rows_of_the_same_uneven_classes_find_theirs(seed: int) -> None:
    assert accuracy(GromovTransport(head=LDA()), across(UNEVEN, seed=seed)) > 0.9


def test_identical_domains_stay_where_they_are() -> None:
    Xs, ys, *_ = across(EVEN)
    adapter = GromovTransport(head=LDA()).fit(Xs, ys, Xs)
    np.testing.assert_allclose(adapter.transform_source(Xs), Xs, atol=1e-9)


def test_evenly_placed_classes_need_a_few_labels() -> None:
    pairs = [across(EVEN, seed=seed) for seed in range(4)]
    untold = [accuracy(GromovTransport(head=LDA()), pair) for pair in pairs]
    told = [accuracy(GromovTransport(head=LDA()), pair, some_known(pair, 6)) for pair in pairs]
    assert min(untold) < 0.5  # classes exchanged, and nothing to see it by
    assert min(told) > 0.9


def test_distances_forget_size_and_place() -> None:
    X = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_allclose(distances(X), distances(4 * X - 100))
    assert distances(X).mean() == pytest.approx(1)
    np.testing.assert_array_equal(distances(np.ones((3, 2))), np.zeros((3, 3)))
    means = to_classes(np.array([[0.0, 1.0, 4.0]]), np.array([0, 0, -1]), np.array([0]))
    np.testing.assert_allclose(means, [[0.5]])


def test_a_solver_stopped_early_names_its_gap() -> None:
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(40, 3)), rng.normal(size=(40, 5))
    with pytest.warns(ConvergenceWarning, match="gromov_transport did not converge: what one more step"):
        stopped = GromovTransport(max_iter=1, head=LDA()).fit(Xs, np.arange(40) % 2, Xt)
    assert stopped.gap_ > GromovTransport(head=LDA()).fit(Xs, np.arange(40) % 2, Xt).gap_
