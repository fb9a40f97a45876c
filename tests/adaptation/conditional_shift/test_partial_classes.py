"""Classes that the target lacks are found and dropped; none is dropped without reason."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.conditional_shift.partial_classes import PartialClasses
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, blobs, same


def lacking() -> Pair:
    rng = np.random.default_rng(0)
    return Pair(*blobs(300, rng, apart=1.5), *blobs(300, rng, apart=1.5, shares=[0.5, 0.5, 0.0]))


def test_a_missing_class_is_dropped_and_the_others_gain() -> None:
    pair = lacking()
    adapter = PartialClasses(head=LDA())
    assert accuracy(adapter, pair) > accuracy(NoAdaptation(head=LDA()), pair) + 0.05
    assert adapter.kept_.tolist() == [True, True, False]
    assert (adapter.predict_proba(pair.Xt)[:, 2] == 0).all()


def test_all_classes_stay_where_all_are_shown() -> None:
    pair = same(150)
    assert PartialClasses(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt).kept_.all()


def test_another_method_can_take_over_what_is_left() -> None:
    pair = lacking()
    shifted = pair._replace(Xt=pair.Xt + np.array([2.0, 2, 0, 0, 0]))
    adapter = PartialClasses(inner="coral", head=LDA()).fit(shifted.Xs, shifted.ys, shifted.Xt)
    assert adapter.adapter_.name == "coral"


def test_a_known_label_keeps_its_class() -> None:
    pair = lacking()
    shown = np.full(300, -1)
    shown[0] = 2
    assert PartialClasses(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt, shown).kept_[2]


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="least lies in"):
        PartialClasses(least=1.0).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="stands alone"):
        PartialClasses(inner="auto").fit(pair.Xs, pair.ys, pair.Xt)
