"""One contract for every registered method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from headstart.adaptation import ADAPTERS
from headstart.adaptation.instance.instance_adapter import FewEffectiveRows
from headstart.errors import DataError
from headstart.heads.lda import LDA

from .worlds import Pair, accuracy, moved, same, some_known

NAMES = sorted(ADAPTERS)
pytestmark = pytest.mark.filterwarnings(f"ignore::{FewEffectiveRows.__module__}.FewEffectiveRows")


def made(name: str) -> Any:
    return ADAPTERS[name](head=LDA())


def labels_for(name: str, pair: Pair) -> Any:
    return some_known(pair) if ADAPTERS[name].needs_target_labels else None


@pytest.fixture(scope="module")
def pair() -> Pair:
    return same(60)._replace(Xs=np.abs(same(60).Xs), Xt=np.abs(same(60).Xt))  # pivots look for columns above 0


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_declared(name: str) -> None:
    adapter = ADAPTERS[name]
    assert adapter.name == name
    assert adapter.family in ("none", "instance", "feature", "label shift", "choice")
    assert adapter.assumes
    for fact in ("needs_source_labels", "needs_target_labels", "same_features", "same_labels", "accepts_sparse",
                 "moments_only", "maps_rows", "many_sources", "adds_unknown"):  # fmt: skip
        assert isinstance(getattr(adapter, fact), bool)
    assert adapter.maps_rows == hasattr(adapter, "transform")
    assert adapter.moments_only == hasattr(adapter, "fit_moments")


@pytest.mark.parametrize("name", NAMES)
def test_fit_predict_and_probabilities_agree(name: str, pair: Pair) -> None:
    adapter = made(name)
    before = repr(adapter.get_params())
    names = np.array(["ant", "bee", "cat"])
    yt = labels_for(name, pair)
    shown = None if yt is None else np.where(yt >= 0, names[yt], "")
    assert adapter.fit(pair.Xs, names[pair.ys], pair.Xt, shown) is adapter
    proba = adapter.predict_proba(pair.Xt)
    assert proba.shape == (60, 3 + adapter.adds_unknown)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    predicted = adapter.predict(pair.Xt)
    assert set(predicted) <= {*names, *(["unknown"] if adapter.adds_unknown else [])}
    np.testing.assert_array_equal(predicted, adapter.classes_[proba.argmax(axis=1)])
    assert repr(adapter.get_params()) == before
    if adapter.maps_rows:
        assert len(adapter.transform(pair.Xt[:7])) == 7


@pytest.mark.parametrize("name", NAMES)
def test_a_clone_fitted_again_answers_the_same(name: str, pair: Pair) -> None:
    adapter = made(name)
    yt = labels_for(name, pair)
    first = adapter.fit(pair.Xs, pair.ys, pair.Xt, yt).predict_proba(pair.Xt)
    again = clone(adapter).fit(pair.Xs, pair.ys, pair.Xt, yt).predict_proba(pair.Xt)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_of_new_rows_do_not_depend_on_their_company(name: str, pair: Pair) -> None:
    adapter = made(name).fit(pair.Xs, pair.ys, pair.Xt, labels_for(name, pair))
    together = adapter.predict_proba(pair.Xt[:9])
    alone = np.concatenate([adapter.predict_proba(row[None]) for row in pair.Xt[:9]])
    np.testing.assert_allclose(together, alone, atol=1e-5)


DRAWS = {"kliep", "ulsif", "rulsif", "discriminative", "em_prior", "bbse", "rlls", "tca", "sstca", "joint_matching",
         "pivots", "kmm", "auto"}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_means_nothing(name: str) -> None:
    pair = moved(90)
    pair = pair._replace(Xs=np.abs(pair.Xs), Xt=np.abs(pair.Xt))
    order, other = np.random.default_rng(1).permutation(90), np.random.default_rng(2).permutation(90)
    yt = labels_for(name, pair)
    first = made(name).fit(pair.Xs, pair.ys, pair.Xt, yt).predict(pair.Xt)
    mixed = made(name).fit(pair.Xs[order], pair.ys[order], pair.Xt[other], None if yt is None else yt[other])
    agreed = (mixed.predict(pair.Xt) == first).mean()
    # those that draw rows (folds, centres, the rows a bandwidth is taken from) may differ at the margin
    assert agreed >= (0.85 if name in DRAWS else 0.97)


@pytest.mark.parametrize("name", NAMES)
def test_identical_domains_do_not_hurt(name: str) -> None:
    pair = same(90)
    pair = pair._replace(Xt=pair.Xs, yt=pair.ys)
    if name == "pivots":
        pair = pair._replace(Xs=np.abs(pair.Xs), Xt=np.abs(pair.Xt))
    yt = labels_for(name, pair)
    assert accuracy(made(name), pair, yt) >= accuracy(made("none"), pair, yt) - 0.03


@pytest.mark.parametrize("name", NAMES)
def test_fewer_rows_than_columns_and_a_constant_column(name: str) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 8)
    X = np.abs(rng.normal(size=(48, 60))) + 3 * np.eye(3, 60)[np.tile(y, 2)]
    X[:, 7] = 4.0
    pair = Pair(X[:24], y, X[24:] + 0.5, y)
    params = {"least": 5} if name == "pivots" else {}
    adapter = made(name).set_params(**params).fit(pair.Xs, pair.ys, pair.Xt, labels_for(name, pair))
    assert np.isfinite(adapter.predict_proba(pair.Xt)).all()


@pytest.mark.parametrize("name", NAMES)
def test_sparse_rows_are_taken_or_refused_with_the_memory_they_would_need(name: str, pair: Pair) -> None:
    adapter = made(name)
    yt = labels_for(name, pair)
    Xs, Xt = sparse.csr_matrix(pair.Xs), sparse.csr_matrix(pair.Xt)
    if not adapter.accepts_sparse:
        with pytest.raises(DataError, match=rf"{name} needs dense rows.*would take [\d.]+ [KMG]iB"):
            adapter.fit(Xs, pair.ys, Xt, yt)
        return
    if name == "msda":
        adapter.set_params(binary=False)
    found = adapter.fit(Xs, pair.ys, Xt, yt).predict(Xt)
    if name != "auto":  # which tries other methods on words than on measurements
        assert (found == adapter.fit(pair.Xs, pair.ys, pair.Xt, yt).predict(pair.Xt)).mean() >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_is_enough(name: str, pair: Pair) -> None:
    adapter = made(name)
    yt = labels_for(name, pair)
    double = adapter.fit(pair.Xs, pair.ys, pair.Xt, yt).predict(pair.Xt)
    single = adapter.fit(*(np.float32(pair.Xs), pair.ys, np.float32(pair.Xt)), yt).predict(np.float32(pair.Xt))
    assert (single == double).mean() > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_some_target_labels_are_welcome(name: str, pair: Pair) -> None:
    made(name).fit(pair.Xs, pair.ys, pair.Xt, some_known(pair))


@pytest.mark.parametrize("name", NAMES)
def test_misuse_is_told(name: str, pair: Pair) -> None:
    adapter = made(name)
    yt = labels_for(name, pair)
    if adapter.same_features:
        with pytest.raises(DataError, match=r"feature spaces differ: source has 5 columns, target 4.*gromov_transport"):
            adapter.fit(pair.Xs, pair.ys, pair.Xt[:, :4], yt)
    with pytest.raises(DataError, match="NaN"):
        adapter.fit(np.where(pair.Xs > 3, np.nan, pair.Xs), pair.ys, pair.Xt, yt)
    with pytest.raises(DataError, match="one class only"):
        adapter.fit(pair.Xs, np.zeros(60), pair.Xt, yt)
    with pytest.raises(DataError, match="which the source lacks"):
        adapter.fit(pair.Xs, pair.ys, pair.Xt, np.full(60, 9))
    if adapter.needs_target_labels:
        with pytest.raises(DataError, match="needs some target labels"):
            adapter.fit(pair.Xs, pair.ys, pair.Xt)
    if adapter.least_target_rows > 1:
        with pytest.raises(DataError, match="at least 2 target rows"):
            adapter.fit(pair.Xs, pair.ys, pair.Xt[:1], None if yt is None else pair.yt[:1])
    adapter.fit(pair.Xs, pair.ys, pair.Xt, yt)
    with pytest.raises(DataError, match="X has 4 columns"):
        adapter.predict(pair.Xt[:, :4])


@pytest.mark.parametrize("name", [name for name in NAMES if not ADAPTERS[name].same_features])
def test_methods_that_need_no_shared_columns_take_other_widths(name: str, pair: Pair) -> None:
    adapter = made(name).fit(pair.Xs, pair.ys, pair.Xt[:, :4], some_known(pair))
    assert adapter.predict_proba(pair.Xt[:, :4]).shape == (60, 3)
    assert adapter.transform(pair.Xt[:9, :4]).shape == (9, 4)
    assert adapter.transform_source(pair.Xs[:9]).shape == (9, 4)
    with pytest.raises(DataError, match="X has 5 columns"):
        adapter.predict(pair.Xt)
    with pytest.raises(DataError, match=f"X has 4 columns, the source of {name} had 5"):
        adapter.transform_source(pair.Xt[:, :4])


def test_a_head_without_probabilities_still_predicts() -> None:
    from sklearn.svm import LinearSVC

    pair = moved()
    adapter = ADAPTERS["coral"](head=LinearSVC())
    assert accuracy(adapter, pair) > 0.9
    with pytest.raises(DataError, match="LinearSVC gives no probabilities"):
        adapter.predict_proba(pair.Xt)


@pytest.mark.parametrize("name", ["coral", "linear_map", "transport", "class_transport", "subspace"])
def test_alignment_wins_where_the_target_moved(name: str) -> None:
    pair = moved(150)
    assert accuracy(made("none"), pair) < 0.75
    assert accuracy(made(name), pair) > 0.9


@pytest.mark.parametrize("name", ["none", "coral", "jda", "transport"])
def test_any_classifier_serves_as_head(name: str) -> None:
    assert accuracy(ADAPTERS[name](head=KNeighborsClassifier(3)), same()) > 0.85


@pytest.mark.parametrize("name", ["coral", "propagation", "tca", "transport", "unbalanced_transport"])
def test_tensors_come_back_as_tensors(name: str) -> None:
    import torch

    pair = moved(60)
    adapter = ADAPTERS[name](head=LDA()).fit(*(torch.from_numpy(each) for each in (pair.Xs, pair.ys, pair.Xt)))
    rows = torch.from_numpy(pair.Xt).float()
    for move in (adapter.transform, getattr(adapter, "transform_source", adapter.transform)):
        found = move(rows)
        assert (found.dtype, found.device) == (rows.dtype, rows.device)
        np.testing.assert_allclose(found.numpy(), move(pair.Xt), rtol=1e-3, atol=1e-3)
