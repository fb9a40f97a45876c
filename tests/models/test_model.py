"""Predictions stay beside their samples, whatever cannot be read, and columns are matched by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.errors import DataError, ModelError
from headstart.heads.ridge import Ridge
from headstart.models import model as module
from headstart.models.member import Member
from headstart.models.model import Model
from headstart.problem import Task


def test_probabilities_are_the_heads_cooled_by_the_temperature(model: Model, rows: Dataset) -> None:
    plain = model.head.predict_proba(model.map.matrix(rows))
    assert np.allclose(model.proba(rows), softmax(np.log(plain) / 1.5, axis=1), atol=1e-12)


def test_a_class_the_head_never_saw_gets_nothing(model: Model, rows: Dataset) -> None:
    wider = replace(model, task=Task((*model.task.classes, "unseen")))
    proba = wider.proba(rows)
    assert proba.shape == (len(rows), 4)
    assert np.all(proba[:, 3] == 0)


def test_a_bad_row_keeps_its_place_and_says_why(model: Model, rows: Dataset) -> None:
    X = np.array(rows.items.matrix[:6])  # type: ignore[attr-defined]
    X[2, 1] = np.nan
    predictions = model.predict(list(X))
    assert [one.failed for one in predictions] == [False, False, True, False, False, False]
    assert "NaN" in predictions[2].reason and predictions[2].label == ""
    expected = model.predict([row for at, row in enumerate(X) if at != 2])
    assert [one.label for at, one in enumerate(predictions) if at != 2] == [one.label for one in expected]


def test_every_row_bad_is_an_answer_not_an_error(model: Model) -> None:
    assert all(one.failed for one in model.predict([np.full(4, np.nan)] * 3))


def test_no_rows_no_predictions(model: Model) -> None:
    assert model.predict([]) == []


def test_chunks_change_nothing(model: Model, rows: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model.predict(rows)
    monkeypatch.setattr(module, "CHUNK", 7)
    assert model.predict(rows) == whole


def test_abstaining_empties_the_label_and_is_no_failure(model: Model, rows: Dataset) -> None:
    sure = model.predict(rows)
    threshold = float(np.median([one.confidence for one in sure]))
    careful = model.predict(rows, abstain=threshold)
    for before, after in zip(sure, careful, strict=True):
        assert after.label == (before.label if before.confidence >= threshold else "")
        assert not after.failed


def test_another_modality_is_refused(model: Model) -> None:
    with pytest.raises(DataError, match="reads vector samples; these are text"):
        model.proba(read((["a text", "another"], ["x", "y"])))


def test_columns_are_matched_by_name(model: Model, rows: Dataset, tmp_path: Path) -> None:
    names = ("a", "b", "c", "d")
    named = replace(model, domain=replace(model.domain, columns=names))
    X = rows.items.matrix[:5]  # type: ignore[attr-defined]
    table = {name: X[:, at] for at, name in enumerate(names)}
    shuffled = {"extra": X[:, 0], **{name: table[name] for name in reversed(names)}}
    in_order = [one.label for one in named.predict(table)]
    assert [one.label for one in named.predict(shuffled)] == in_order
    del shuffled["c"]
    with pytest.raises(DataError, match="first 'c'"):
        named.predict(shuffled)


@pytest.fixture
def mixture(model: Model, rows: Dataset) -> Model:
    """Two heads on the same features."""
    ridge = Ridge().fit(model.map.matrix(rows), rows.labels)
    members = (replace(model.members[0], weight=0.7, temperature=2.0), Member(model.map, ridge, weight=0.3))
    return replace(model, members=members)


def test_members_are_added_up_and_cooled_together(mixture: Model, rows: Dataset) -> None:
    X = mixture.members[0].map.matrix(rows)
    first, second = (each.head.predict_proba(X) for each in mixture.members)
    expected = 0.7 * softmax(np.log(first) / 2, axis=1) + 0.3 * second
    assert np.allclose(mixture.proba(rows), softmax(np.log(expected) / 1.5, axis=1), atol=1e-9)
    assert [one.label for one in mixture.predict(rows)] == [rows.task.classes[at] for at in expected.argmax(axis=1)]


def test_what_needs_one_network_says_so(mixture: Model) -> None:
    with pytest.raises(ModelError, match=r"is a mixture of raw and raw.*--mix never"):
        _ = mixture.map
    with pytest.raises(ModelError, match="mixture"):
        _ = mixture.head


def test_licences_are_named_once(mixture: Model) -> None:
    assert mixture.license == "none"
