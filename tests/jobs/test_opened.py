"""A job opens what it was given, once, and refuses what reads other samples."""

from __future__ import annotations

import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.reading import read
from headstart.errors import DataError
from headstart.jobs.opened import fitted_on, opened_for

TEXTS = read((["one text", "another"], ["x", "y"]))


def test_a_name_is_opened_and_an_open_backbone_is_itself() -> None:
    tfidf = open_backbone("tfidf")
    assert opened_for(TEXTS, tfidf) is tfidf
    assert opened_for(TEXTS, "tfidf").fingerprint == tfidf.fingerprint


def test_raw_is_raw_of_the_samples_at_hand() -> None:
    assert opened_for(TEXTS, "raw").modality == "text"


def test_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="reads image samples; these are text"):
        opened_for(TEXTS, "conv")


def test_what_must_learn_first_learns_from_all_samples_and_the_rest_stays() -> None:
    other = read((["fourth text", "fifth"], ["x", "y"]))
    tfidf = open_backbone("tfidf")
    alone, both = fitted_on(tfidf, TEXTS), fitted_on(tfidf, TEXTS, other)
    assert alone.fingerprint == tfidf.fitted(TEXTS.items).fingerprint  # type: ignore[attr-defined]
    assert both.fingerprint == tfidf.fitted([*TEXTS.items, *other.items]).fingerprint  # type: ignore[attr-defined]
    assert fitted_on(both, other) is both
