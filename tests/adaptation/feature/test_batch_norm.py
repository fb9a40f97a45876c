"""Each side by its own mean and spread: equal moments after, the source's own scaling undone, moments enough."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.feature.batch_norm import BatchNorm
from headstart.adaptation.none import NoAdaptation
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import Pair, accuracy, same


def test_both_sides_have_mean_0_and_variance_1() -> None:
    pair = same(80)
    adapter = BatchNorm(floor=0.0, head=LDA()).fit(pair.Xs, pair.ys, 3 * pair.Xt + 7)
    for Z in (adapter.transform_source(pair.Xs), adapter.transform(3 * pair.Xt + 7)):
        np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(Z.var(axis=0), 1, atol=1e-9)


def test_other_units_and_offsets_are_forgotten() -> None:
    pair = same(150)
    scaled = pair._replace(Xt=pair.Xt * np.array([1, 20, 0.1, 3, 0.5]) + np.array([9, 0, -5, 30, 1]))
    head = LDA()
    assert accuracy(BatchNorm(floor=0.0, head=head), scaled) > accuracy(NoAdaptation(head=head), scaled) + 0.2
    assert accuracy(BatchNorm(floor=0.0, head=head), scaled) >= accuracy(NoAdaptation(head=head), pair) - 0.05


def test_constant_columns_stay_finite_and_misuse_is_told() -> None:
    source = np.column_stack([np.ones(6), np.arange(6.0)])
    pair = Pair(source, np.array([0, 1] * 3), np.zeros((4, 2)), np.zeros(4))
    assert np.isfinite(BatchNorm(head=LDA()).fit(*pair[:3]).transform(pair.Xt)).all()
    with pytest.raises(DataError, match="floor must not be negative"):
        BatchNorm(floor=-1.0).fit(*pair[:3])
