"""Who enters a ranking when nobody is named, and who when somebody is."""

from __future__ import annotations

import numpy as np
import pytest

import headstart as hs
from headstart.errors import BackboneError
from headstart.jobs.entrants import entrants
from headstart.selection.limits import Limits


def test_what_stands_ready_and_the_null_of_the_modality() -> None:
    texts = hs.read((["one text", "another"], ["a", "b"]))
    assert list(entrants(texts, None, Limits()).opened)[-1] == "tfidf"
    vectors = hs.read((np.eye(4), list("abab")))
    found = entrants(vectors, None, Limits())
    assert list(found.opened) == ["raw"]
    assert set(found.licenses) == {"raw"}


def test_backbones_of_another_modality_are_skipped() -> None:
    vectors = hs.read((np.eye(4), list("abab")))
    found = entrants(vectors, ["raw", "tfidf", hs.open_backbone("raw", modality="vector")], Limits())
    assert list(found.opened) == ["raw"]
    assert "reads text samples; these are vector" in found.skipped["tfidf"]
    with pytest.raises(BackboneError, match="no backbone is left to rank: tfidf: "):
        entrants(vectors, ["tfidf"], Limits())
