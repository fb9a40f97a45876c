"""What heads keep of their rows: the same in any order, rows or moments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.errors import DataError
from headstart.heads.statistics import Statistics, row_weights


def rows(n: int = 60, d: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, d)), np.array(["a", "b", "c"])[rng.integers(0, 3, n)]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.heads.statistics.CAPACITY", 20)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_the_sample_is_of_content_not_of_arrival(make: object) -> None:
    X, y = rows()
    whole = Statistics.of(make(X), y, keeps="scatter")  # type: ignore[operator]
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(60)
        halves = (order[:13], order[13:])
        parts = [Statistics.of(make(X[half]), y[half], keeps="scatter") for half in halves]  # type: ignore[operator]
        both = (parts[0] + parts[1]).reduced("scatter")
        dense = both.X.toarray() if sparse.issparse(both.X) else both.X
        expected = whole.X.toarray() if sparse.issparse(whole.X) else whole.X
        assert sorted(map(tuple, dense)) == sorted(map(tuple, expected))
        assert np.allclose(both.moments.scatter, whole.moments.scatter)  # type: ignore[union-attr]


@pytest.mark.usefixtures("few")
def test_the_sample_is_uniform() -> None:
    """Of 60 rows, 20 are kept; over many data sets the share of each class kept is a third."""
    kept = 0.0
    for seed in range(60):
        X = np.random.default_rng(seed).normal(size=(60, 2))
        y = np.arange(60) % 2
        kept += Statistics.of(X, y, keeps="means").codes.mean() / 60
    assert abs(kept - 0.5) < 0.05


@pytest.mark.usefixtures("few")
def test_rows_are_kept_while_they_are_asked_for() -> None:
    X, y = rows()
    assert Statistics.of(X, y, keeps="rows").moments is None
    assert Statistics.of(X[:20], y[:20], keeps="scatter").moments is None
    means = Statistics.of(X, y, keeps="means")
    assert means.moments is not None
    with pytest.raises(DataError, match="these statistics hold class means only"):
        means.spectrum  # noqa: B018
    with pytest.raises(DataError, match="class_weight='balanced' needs all rows"):
        means.spectrum_with("balanced")


def test_classes_are_lined_up() -> None:
    X, _ = rows(6)
    first, second = Statistics.of(X[:3], ["b", "b", "d"]), Statistics.of(X[3:], ["a", "d", "c"])
    both = first + second
    assert both.classes.tolist() == ["a", "b", "c", "d"]
    assert both.classes[both.codes].tolist() == ["b", "b", "d", "a", "d", "c"]
    assert both.counts.tolist() == [1, 2, 1, 2]
    assert np.array_equal(both.X, X)


def test_class_factors() -> None:
    X, y = rows()
    found = Statistics.of(X, y, np.random.default_rng(0).uniform(0.5, 2, 60))
    even = found.weights_with("balanced")
    totals = np.bincount(found.codes, even)
    assert np.allclose(totals, totals[0])
    assert even.sum() == pytest.approx(found.weights.sum())
    assert found.class_factors({"b": 3.0}).tolist() == [1, 3, 1]
    for wrong in ("even", 3, {"a": 0.0}):
        with pytest.raises(DataError, match="class_weight must be None, 'balanced' or positive factors"):
            found.class_factors(wrong)  # type: ignore[arg-type]


def test_weights_are_checked() -> None:
    assert row_weights(None, 2).tolist() == [1, 1]
    assert row_weights(3, 2).tolist() == [3, 3]
    for wrong, words in (([1.0], r"shape \(1,\)"), ([1, -1], "smallest is -1"), ([0, 0], "zero in every row")):
        with pytest.raises(DataError, match=words):
            row_weights(wrong, 2)
