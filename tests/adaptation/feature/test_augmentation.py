"""Shared and own weights: what the source knows wrongly is unlearned from a few labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation.feature.augmentation import FeatureAugmentation, copies
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.heads.moments import Moments

from ..worlds import Pair, accuracy, same, some_known


def half_reversed(seed: int = 0) -> tuple[Pair, np.ndarray]:
    """One column means the same on both sides, another the opposite."""
    rng = np.random.default_rng(seed)

    def side(n: int, sign: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, 2, n)
        signal = 2.0 * y - 1
        return np.column_stack([signal, 2 * sign * signal]) + rng.normal(size=(n, 2)), y

    pair = Pair(*side(500, 1), *side(500, -1))
    return pair, np.where(np.arange(500) < 40, pair.yt, -1)


def test_it_beats_pooling_where_a_column_changes_its_meaning() -> None:
    pair, shown = half_reversed()
    assert accuracy(NoAdaptation(), pair, shown) < 0.6
    assert accuracy(FeatureAugmentation(), pair, shown) > 0.9


def test_agreement_pulls_both_domains_answers_together() -> None:
    pair, shown = half_reversed()

    def disagreement(agreement: float) -> float:
        head = FeatureAugmentation(agreement=agreement).fit(pair.Xs, pair.ys, pair.Xt, shown).head_
        as_source, as_target = (head.predict_proba(copies(pair.Xt, side)) for side in ("source", "target"))
        return float(np.abs(as_source - as_target).mean())

    assert disagreement(2.0) < 0.8 * disagreement(0.0)


def test_copies_sparse_and_dense() -> None:
    X = np.array([[1.0, 2.0]])
    for which, expected in (("source", [1, 2, 1, 2, 0, 0]), ("target", [1, 2, 0, 0, 1, 2]),
                            ("difference", [0, 0, 1, 2, -1, -2])):  # fmt: skip
        assert copies(X, which).tolist() == [expected]  # type: ignore[arg-type]
        assert copies(sparse.csr_matrix(X), which).toarray().tolist() == [expected]  # type: ignore[arg-type]
    pair, shown = half_reversed()
    with pytest.raises(DataError, match="agreement must not be negative"):
        FeatureAugmentation(agreement=-1).fit(pair.Xs, pair.ys, pair.Xt, shown)


def test_class_moments_are_enough() -> None:
    pair = same(90)
    shown = some_known(pair, 30)
    head = LDA(shrinkage=0.1)
    rows = FeatureAugmentation(head=head).fit(pair.Xs, pair.ys, pair.Xt, shown)
    known = shown >= 0
    sides = ((pair.Xs, pair.ys), (pair.Xt[known], shown[known]))
    source, target = (Moments.of(X, y, np.ones(len(y)), 3, scatter=True) for X, y in sides)
    shipped = FeatureAugmentation(head=head).fit_moments(source, target)
    np.testing.assert_array_equal(shipped.predict(pair.Xt), rows.predict(pair.Xt))
