"""What metrics share: one decomposition, streamed or not, and refusals in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf_shrinkage

from headstart.errors import DataError
from headstart.heads import statistics
from headstart.selection import KIT, METRICS
from headstart.selection.labelled import LabelledFeatures

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(80, 20), (30, 90), (12, 12)])
def test_shrinkage_is_ledoit_and_wolfs(shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3)
    assert LabelledFeatures.of(X, y).shrinkage == pytest.approx(ledoit_wolf_shrinkage(X), abs=1e-9)


def test_streamed_blocks_equal_all_at_once(world: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = world(300, 12, 4)
    whole = LabelledFeatures.of(X, y)
    monkeypatch.setattr(statistics, "CAPACITY", 100)
    blocks = ((X[start : start + 37], y[start : start + 37]) for start in range(0, 300, 37))
    parts = LabelledFeatures.streamed(blocks)
    assert parts.n == 300
    assert len(parts.codes) == 100
    for name in ("logme", "rankme"):
        assert METRICS[name]().measure(parts).value == pytest.approx(METRICS[name]().measure(whole).value, rel=1e-9)
    assert METRICS["hscore"]().measure(parts).value == pytest.approx(METRICS["hscore"]().measure(whole).value, rel=0.02)
    sampled, full = (METRICS["ridge_loo"]().measure(each).value for each in (parts, whole))
    assert abs(sampled - full) < 0.15  # of 100 rows in place of 300, the fits being those of all
    turned = LabelledFeatures.streamed((X[rows], y[rows]) for rows in np.array_split(np.arange(300)[::-1], 5))
    for name in KIT:
        first, second = (METRICS[name]().measure(each).value for each in (parts, turned))
        assert first == pytest.approx(second, abs=1e-9)


def test_coordinates_have_unit_length_and_all_inner_products(world: Builder) -> None:
    X, y = world(30, 50, 3)
    rows = LabelledFeatures.of(X, y).unit_coordinates
    centred = X - X.mean(axis=0)
    assert (rows**2).sum(axis=1).mean() == pytest.approx(1)
    assert np.allclose(rows @ rows.T, centred @ centred.T / (centred**2).sum(axis=1).mean())


def test_says_what_is_wrong(world: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = world(20, 4, 2)
    with pytest.raises(DataError, match="all 20 labelled rows are of one class; there is nothing to tell apart"):
        LabelledFeatures.of(X, np.zeros(20, dtype=int))
    with pytest.raises(DataError, match="each of the 20 classes has one row"):
        LabelledFeatures.of(X, np.arange(20))
    with pytest.raises(DataError, match="X has 20 rows and labels has 3"):
        LabelledFeatures.of(X, y[:3])
    with pytest.raises(DataError, match="hold NaN or infinity"):
        LabelledFeatures.of(np.where(np.eye(20, 4) > 0, np.nan, X), y)
    with pytest.raises(DataError, match=r"rows and columns, got shape \(20, 0\)"):
        LabelledFeatures.of(X[:, :0], y)
    with pytest.raises(DataError, match="the stream of blocks was empty"):
        LabelledFeatures.streamed([])
    monkeypatch.setattr(statistics, "CAPACITY", 10)
    with pytest.raises(DataError, match="`source_proba` no longer matches them"):
        LabelledFeatures.of(X, y, source_proba=np.full((20, 2), 0.5))
