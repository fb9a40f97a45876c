"""What surrounds another method refuses those that cannot be surrounded, and hands its head on."""

from __future__ import annotations

import pytest

from headstart.adaptation.conditional_shift.partial_classes import PartialClasses
from headstart.errors import DataError, UnknownName
from headstart.heads.lda import LDA

from ..worlds import same


def test_the_inner_method_has_the_same_head() -> None:
    pair = same(60)
    adapter = PartialClasses(inner="coral", head=LDA(shrinkage=0.3)).fit(pair.Xs, pair.ys, pair.Xt)
    assert adapter.answerer() is adapter.adapter_
    assert adapter.adapter_.head.shrinkage == 0.3


@pytest.mark.parametrize("inner", ["balanced", "auto", "open_set"])
def test_others_are_refused(inner: str) -> None:
    with pytest.raises(DataError, match="stands alone"):
        PartialClasses(inner=inner)._inner()


def test_unknown_names_are_told() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'coral'"):
        PartialClasses(inner="corral")._inner()
