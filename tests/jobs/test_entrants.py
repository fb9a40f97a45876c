"""Who enters a ranking when nobody is named, and who when somebody is."""

from __future__ import annotations

from pathlib import Path

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


def test_a_small_file_of_word_vectors_is_counted_itself(tmp_path: Path) -> None:
    """The public table knows a large GloVe; a file of that name may be small, and enters."""
    texts = hs.read((["one text", "another"], ["a", "b"]))
    file = tmp_path / "glove.small.txt"
    file.write_text("".join(f"word{at:03d} 0.100 0.200 0.300\n" for at in range(50)))
    names = [f"words/{file}", f"words/{file}?limit=10"]
    assert list(entrants(texts, names, Limits(params=200)).opened) == names
    found = entrants(texts, names, Limits(params=100))
    assert list(found.opened) == names[1:]
    assert found.skipped[names[0]] == "150 weights, the limit is 100 weights"
