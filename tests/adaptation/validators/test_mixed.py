"""Mixtures of rows far from the boundary keep their answer, those of nonsense do not."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.none import NoAdaptation
from headstart.adaptation.validators.evidence import Evidence
from headstart.adaptation.validators.mixed import mixed
from headstart.heads.lda import LDA

from ..worlds import moved, same


def seen(pair: object, **fit: object) -> Evidence:
    adapter = NoAdaptation(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)  # type: ignore[attr-defined]
    proba = adapter.predict_proba(pair.Xt)  # type: ignore[attr-defined]
    return Evidence(adapter, pair.Xs, pair.ys, pair.Xt, proba, proba, pair.ys, np.ones(len(pair.ys)))  # type: ignore


def test_a_target_that_fits_beats_one_that_was_moved() -> None:
    assert mixed(seen(same(200))) > mixed(seen(moved(200)))


def test_a_mixture_with_itself_is_itself() -> None:
    pair = same(60)
    alone = pair._replace(Xt=np.repeat(pair.Xt[[np.flatnonzero(pair.yt == code)[0] for code in (0, 1)]], 30, axis=0))
    found = mixed(seen(alone))
    assert 0 <= found <= 1


def test_one_class_throughout_is_worth_nothing() -> None:
    evidence = seen(same(60))
    constant = np.tile([1.0, 0, 0], (60, 1))
    assert mixed(Evidence(evidence.adapter, evidence.Xs, evidence.ys, evidence.Xt, constant, constant, evidence.ys,
                          evidence.importance)) == 0  # fmt: skip
