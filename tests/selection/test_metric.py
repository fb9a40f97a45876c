"""One contract for every metric: what must not matter does not, noise is level, signal is seen, misuse is answered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from headstart.errors import DataError
from headstart.selection import KIT, METRICS
from headstart.selection.labelled import LabelledFeatures

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]
N, C, NOISE = 120, 6, (16, 120, 600)


def prepared(X: np.ndarray, y: np.ndarray, seed: int = 0) -> LabelledFeatures:
    """With a source's answers and data beside, for the metrics that need them."""
    rng = np.random.default_rng(7)
    proba = 0.5 * np.eye(C)[y] + 0.5 * rng.dirichlet(np.ones(C), len(y))
    other = LabelledFeatures.of(X + 0.1, (y + 1) % 2)
    return LabelledFeatures.of(X, y, source_proba=proba, source=other, seed=seed)


@pytest.mark.parametrize("name", list(METRICS))
def test_facts_are_declared(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    facts = ("higher_is_better", "needs_labels", "needs_source_head", "needs_source_data", "in_accuracy_units",
             "comparable_across_tasks", "level_on_noise", "from_spectrum")  # fmt: skip
    assert all(isinstance(getattr(metric, fact), bool) for fact in facts)
    assert metric.comparable_across_tasks or not metric.in_accuracy_units


@pytest.mark.parametrize("shape", [(90, 12), (60, 150)])
@pytest.mark.parametrize("name", [name for name in METRICS if name != "otdd"])
def test_what_changes_nothing(name: str, shape: tuple[int, int], world: Builder) -> None:
    """Columns of zeros, another scale, a shift, a rotation; names of classes."""
    X, y = world(*shape, C, apart=3)
    rng = np.random.default_rng(1)
    rotation = np.linalg.qr(rng.normal(size=(shape[1],) * 2))[0]
    metric = METRICS[name]()
    expected = metric.measure(prepared(X, y)).value
    padded = np.hstack([X, np.zeros((len(X), 300))])
    for changed in (padded, 7 * X, X + rng.normal(size=shape[1]), X @ rotation):
        assert metric.measure(prepared(changed, y)).value == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].level_on_noise])
def test_noise_scores_no_higher_in_more_columns(name: str, world: Builder) -> None:
    """The trap of most published code once columns outnumber rows (Ledoit-Wolf H-score .05 → .83, official LogME
    -.3 → 59): there the most columns win. Here the widest noise lies within noise of the narrowest."""
    metric, found = METRICS[name](), []
    for width in NOISE:
        values = []
        for seed in range(4):
            X, y = world(N, width, C, apart=0, seed=seed)
            values.append(metric.measure(prepared(X, y, seed)).value)
        found.append((np.mean(values), np.std(values, ddof=1) / 2))
    (narrow, narrow_se), (wide, wide_se) = found[0], found[-1]
    assert wide <= narrow + 4 * np.hypot(narrow_se, wide_se) + 0.02


@pytest.mark.parametrize("name", [name for name in METRICS if not METRICS[name].needs_source_data and name != "rankme"])
def test_better_features_score_better(name: str, world: Builder) -> None:
    metric, found = METRICS[name](), []
    for apart in (0.0, 0.7, 1.6):
        X, y = world(N, 40, C, apart=apart)
        mixed = apart / 2 * np.eye(C)[y] + (1 - apart / 2) / C
        found.append(metric.measure(LabelledFeatures.of(X, y, source_proba=mixed)).value)
    assert found == sorted(found)
    assert found[-1] > found[0]


@pytest.mark.parametrize("name", list(KIT))
def test_means_over_rows_are_the_value(name: str, world: Builder) -> None:
    found = METRICS[name]().measure(LabelledFeatures.of(*world(60, 100, 3)))
    if found.rows is not None:
        assert found.rows.shape == (60,)
        assert found.rows.mean() == pytest.approx(found.value)
        assert 0 < found.se < 0.2


@pytest.mark.parametrize("name", list(METRICS))
def test_odd_rows_raise_nothing(name: str, world: Builder) -> None:
    """Equal rows, a class of one row, three rows, a column far larger than the rest: a number, and no warning."""
    X, y = world(40, 9, C)
    lone = np.where(np.arange(40) == 0, C - 1, y % (C - 1))
    large = X * np.where(np.arange(9) == 0, 1e6, 1.0)
    for rows, labels in ((np.ones((40, 9)), y), (X, lone), (X[:4], np.array([0, 1, 0, 1])), (large, y)):
        assert np.isfinite(METRICS[name]().measure(prepared(rows, labels)).value)


@pytest.mark.parametrize("name", list(KIT))
def test_sparse_rows_score_as_dense_ones(name: str, world: Builder) -> None:
    X, y = world(50, 80, 3)
    X = X * (np.random.default_rng(0).random(X.shape) < 0.3)
    dense, thin = (METRICS[name]().measure(LabelledFeatures.of(rows, y)).value for rows in (X, sparse.csr_matrix(X)))
    if name == "knn_loo":  # sparse rows are not centred
        assert 0 <= thin <= 1
    else:
        assert thin == pytest.approx(dense, abs=1e-9)


def test_says_what_it_lacks(world: Builder) -> None:
    features = LabelledFeatures.of(*world(20, 4, 2))
    for name in METRICS:
        metric = METRICS[name]()
        if metric.needs_source_head:
            with pytest.raises(DataError, match=f"{name} asks what the source's own classifier answers"):
                metric.measure(features)
        if metric.needs_source_data:
            with pytest.raises(DataError, match=f"{name} compares two labelled data sets"):
                metric.measure(features)
