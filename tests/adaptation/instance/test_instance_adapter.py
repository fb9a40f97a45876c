"""The guard on weights that leave hardly any row."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from headstart.adaptation.instance.instance_adapter import FewEffectiveRows, InstanceAdapter
from headstart.errors import DataError
from headstart.heads.lda import LDA

from ..worlds import same


class OneRow(InstanceAdapter):
    """Puts nearly all weight on one source row."""

    name: ClassVar[str] = "one_row"

    def __init__(self, *, least_effective: float = 0.1, head: Any = None) -> None:
        self.least_effective = least_effective
        self.head = head

    def _ratio(self, domains: Any) -> Any:
        return np.where(np.arange(len(domains.ys)) == 0, 1e6, 1.0)


def test_collapsed_weights_are_flattened_and_it_is_said() -> None:
    pair = same(100)
    with pytest.warns(FewEffectiveRows, match=r"one_row: the weights of 100 source rows are worth 1\.0 rows"):
        adapter = OneRow(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.effective_rows_ == pytest.approx(10, rel=0.01)
    assert adapter.weights_.mean() == pytest.approx(1)
    assert 0 < adapter.flattening_ < 1


def test_the_guard_can_be_opened() -> None:
    pair = same(100)
    head = LDA(shrinkage=0.5)
    adapter = OneRow(least_effective=0.0, head=head).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.effective_rows_ == pytest.approx(1, rel=1e-2)
    with pytest.raises(DataError, match="share of the source rows"):
        OneRow(least_effective=2.0).fit(pair.Xs, pair.ys, pair.Xt)
