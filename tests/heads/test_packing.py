"""Heads as JSON and arrays, and back."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from headstart.errors import ModelError, UnknownName
from headstart.heads import HEADS
from headstart.heads.packing import pack, unpack
from headstart.heads.ridge import Ridge
from headstart.heads.ridge_regressor import RidgeRegressor

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("name", sorted(HEADS))
@pytest.mark.parametrize(
    "labels", [np.array(["ä b", "c", ""]), np.array([7, -3, 2**40]), np.array([0.5, 1, 2], object)]
)
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_predictions_are_equal_to_the_bit(
    name: str, labels: np.ndarray, make: Callable[..., object], world: Builder
) -> None:
    if labels.dtype == object:
        labels = np.array(["x", "yy", "z"], dtype=object)  # as pandas gives them
    X, y = world(40, 9, 3, apart=1.5)
    head = HEADS[name]().fit(make(X), labels[y])
    described, arrays = pack(head)
    assert all(array.dtype.kind in "biuf" for array in arrays.values())
    loaded = unpack(json.loads(json.dumps(described, allow_nan=False)), arrays)
    assert type(loaded) is HEADS[name]
    assert np.array_equal(loaded.predict_proba(make(X)), head.predict_proba(make(X)))
    assert loaded.predict(make(X)).tolist() == head.predict(make(X)).tolist()
    assert loaded.get_params().keys() == head.get_params().keys()
    again, more = pack(loaded)
    assert again == described
    assert all(np.array_equal(more[key], value) for key, value in arrays.items())


def test_parameters_come_along(world: Builder) -> None:
    X, y = world(30, 4, 2)
    head = HEADS["prototype"](centre=np.arange(4.0)).fit(X, y)
    loaded = unpack(*pack(head))
    assert np.array_equal(loaded.centre, head.centre)
    weighted = unpack(*pack(HEADS["ridge"](class_weight={1: 3.0}, ridge=2.0).fit(X, y)))
    assert weighted.class_weight == {1: 3.0}
    assert weighted.ridge == 2.0


def test_arrays_are_copied(world: Builder) -> None:
    X, y = world(30, 4, 2)
    head = Ridge().fit(X, y)
    described, arrays = pack(head)
    loaded = unpack(described, arrays)
    loaded.coef_[:] = 0
    assert head.coef_.any() and arrays["coef_"].any()


def test_only_known_heads_are_packed_and_unpacked(world: Builder) -> None:
    X, y = world(30, 4, 2)
    described, arrays = pack(Ridge().fit(X, y))
    with pytest.raises(UnknownName, match=r"Unknown head 'os\.system'"):
        unpack({**described, "head": "os.system"}, arrays)
    with pytest.raises(ModelError, match="RidgeRegressor is not among the heads that can be packed"):
        pack(RidgeRegressor().fit(X, y))

    class Own(Ridge):
        """Same name, another class: what it learned would come back as something else."""

    with pytest.raises(ModelError, match="Own is not among the heads"):
        pack(Own().fit(X, y))
    with pytest.raises(NotFittedError):
        pack(Ridge())


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(30, 4, 2)
    described, arrays = pack(Ridge().fit(X, y))
    with pytest.raises(ModelError, match="'head'"):
        unpack({"format": 1}, arrays)
    with pytest.raises(ModelError, match="the head was packed in format 99, this version reads 1"):
        unpack({**described, "format": 99}, arrays)
    with pytest.raises(ModelError, match="damaged: 'coef_' is missing"):
        unpack(described, {key: value for key, value in arrays.items() if key != "coef_"})
    for stranger in ("predict", "__class__", "_statistics", "a b_"):
        learned = {**described["learned"], stranger: {"value": 1}}
        with pytest.raises(ModelError, match=f"a ridge head has no {stranger}"):
            unpack({**described, "learned": learned}, arrays)
    with pytest.raises(ModelError, match="a ridge head has no depth"):
        unpack({**described, "params": {"depth": {"value": 1}}}, arrays)
    odd = Ridge().fit(X, y)
    odd.coef_ = object()  # type: ignore[assignment]
    with pytest.raises(ModelError, match="coef_ is a object, which neither JSON nor arrays can hold"):
        pack(odd)
