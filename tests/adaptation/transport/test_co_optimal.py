"""Co-optimal transport: brute force over rows and columns, columns shuffled, doubled and missing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from headstart.adaptation.transport.co_optimal import CoOptimalTransport, class_means, co_optimal_plan, standardised
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, blobs, some_known

pytest.importorskip("ot", reason="POT is not installed")

SHUFFLED = [2, 0, 4, 1, 3]


def shuffled(n: int = 80, *, seed: int = 0, copied: bool = False) -> Pair:
    """The target measures the same columns, in another order and twice each, with a little noise of its own."""
    rng = np.random.default_rng(seed)
    scale = np.array([1.0, 1.5, 2.0, 0.5, 0.7])
    pair = Pair(*blobs(n, rng), *blobs(n, rng))
    Xt, yt = (pair.Xs[::-1], pair.ys[::-1]) if copied else (pair.Xt, pair.yt)
    twice = np.hstack([(Xt * scale)[:, SHUFFLED], (Xt * scale)[:, SHUFFLED]])
    return Pair(pair.Xs * scale, pair.ys, twice + (0 if copied else 0.1) * rng.normal(size=twice.shape), yt)


def loss(Xs: Any, Xt: Any, rows: Any, columns: Any) -> float:
    """The sum over all rows and columns, written out."""
    return float(np.einsum("ij,kl,ikjl->", rows, columns, (Xs[:, :, None, None] - Xt[None, None]) ** 2))


def test_of_all_assignments_none_is_better() -> None:
    rng = np.random.default_rng(0)
    Xs, Xt, costs = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), 0.1 * rng.random((4, 4))
    column_costs = 0.1 * rng.random((3, 3))
    of_rows = [np.eye(4)[list(order)] / 4 for order in itertools.permutations(range(4))]
    of_columns = [np.eye(3)[list(order)] / 3 for order in itertools.permutations(range(3))]
    both = itertools.product(of_rows, of_columns)
    best = min(loss(Xs, Xt, P, Q) + float((costs * P).sum() + (column_costs * Q).sum()) for P, Q in both)
    found = [co_optimal_plan(Xs, Xt, costs, column_costs, start, max_iter=100) for start in of_columns]
    for coupling, columns, said in found:
        linear = float((costs * coupling.plan).sum() + (column_costs * columns).sum())
        assert said == pytest.approx(loss(Xs, Xt, coupling.plan, columns) + linear)
        assert coupling.gap < 1e-9
    assert min(said for *_, said in found) == pytest.approx(best)


def test_columns_and_rows_of_a_copy_are_recovered() -> None:
    pair = shuffled(copied=True)
    adapter = CoOptimalTransport(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    np.testing.assert_allclose(adapter.columns_, np.tile(np.eye(5)[:, SHUFFLED], 2) / 10, atol=1e-12)
    np.testing.assert_allclose(adapter.transform_source(pair.Xs), pair.Xt[::-1], atol=1e-9)
    assert accuracy(adapter, pair) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_other_rows_in_shuffled_columns_find_their_classes(seed: int) -> None:
    assert accuracy(CoOptimalTransport(head=LDA()), shuffled(seed=seed)) > 0.9


def test_identical_domains_keep_each_column_and_row() -> None:
    Xs, ys, *_ = shuffled()
    adapter = CoOptimalTransport(head=LDA()).fit(Xs, ys, Xs)
    np.testing.assert_allclose(adapter.columns_, np.eye(5) / 5)
    np.testing.assert_allclose(adapter.transform_source(Xs), Xs)


def test_columns_alike_in_all_but_their_classes_need_a_few_labels() -> None:
    untold, told = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        pair = Pair(*blobs(80, rng, d=3, apart=5.0), *blobs(80, rng, d=3, apart=5.0))
        pair = pair._replace(Xt=np.hstack([pair.Xt[:, [1, 2, 0]], pair.Xt[:, [1, 2, 0]]]))
        untold.append(accuracy(CoOptimalTransport(head=LDA()), pair))
        told.append(accuracy(CoOptimalTransport(head=LDA()), pair, some_known(pair, 6)))
    assert min(untold) < 0.5  # classes exchanged, and nothing to see it by
    assert min(told) > 0.9


def test_each_side_is_brought_to_one_scale_as_a_whole() -> None:
    X = np.array([[1.0, 3.0], [1.0, 3.0]])
    np.testing.assert_allclose(standardised(X), [[-1, 1], [-1, 1]])
    np.testing.assert_array_equal(standardised(np.ones((2, 2))), np.zeros((2, 2)))
    means = class_means(np.array([[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]), np.array([0, 0, -1]), np.array([0]))
    np.testing.assert_array_equal(means, [[2], [3]])
