"""Findings say what was measured: each number against counting it again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.jobs.gathering import backbone_notes, curves_of, slow_notes, source_name, versions
from headstart.jobs.result import Result
from headstart.jobs.transferring import transfer


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Two overlapping classes of texts: some answers are wrong."""
    rng = np.random.default_rng(0)
    words = (("fine", "great", "so"), ("poor", "dull", "so"))
    rows = [f"{rng.choice(words[at % 2])} it was, number{at}" for at in range(320)]
    return read((rows, ["up" if at % 2 == 0 else "down" for at in range(320)]))


@pytest.fixture(scope="module")
def result(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Result:
    from headstart.features.store import Store

    return transfer(data, backbones=["tfidf"], store=Store(tmp_path_factory.mktemp("store")), quiet=True)


def test_the_confusion_matrix_counts_the_held_out_answers(result: Result) -> None:
    findings = result.findings
    counted = np.array(findings.confusion)
    assert counted.sum() == findings.n_test
    assert np.trace(counted) / counted.sum() == pytest.approx(findings.chosen.held_out.value)


def test_the_mistakes_are_wrong_answers_most_confident_first(result: Result, data: Dataset) -> None:
    findings = result.findings
    wrong = np.array(findings.confusion).sum() - np.trace(np.array(findings.confusion))
    assert len(findings.mistakes) == min(12, wrong)
    label_of = dict(zip(data.ids, data.labels, strict=True))
    for mistake in findings.mistakes:
        assert mistake.truth != mistake.predicted
        assert data.task.classes[label_of[mistake.id]] == mistake.truth
        assert mistake.excerpt in data.items
    confidences = [mistake.confidence for mistake in findings.mistakes]
    assert confidences == sorted(confidences, reverse=True)


def test_exactly_one_entry_is_kept_and_gains_are_differences(result: Result) -> None:
    findings = result.findings
    assert sum(entry.chosen for entry in findings.entries) == 1
    scratch = findings.scratch
    for entry in findings.entries:
        if entry.gain is not None:
            assert entry.gain.value == pytest.approx(entry.held_out.value - scratch.held_out.value)
            assert entry.gain.low <= entry.gain.value <= entry.gain.high


def test_the_abstain_curve_starts_with_every_answer(result: Result) -> None:
    first = result.findings.abstain[0]
    assert first.answered == 1.0
    assert first.accuracy == pytest.approx(result.findings.chosen.held_out.value)


def test_bins_of_the_reliability_diagram_hold_every_held_out_row(result: Result) -> None:
    reliability = result.findings.reliability
    assert reliability is not None
    assert sum(reliability.count) == result.findings.n_test


def test_findings_are_plain(result: Result) -> None:
    import json

    assert json.loads(json.dumps(result.to_dict()))["n_test"] == result.findings.n_test


def test_what_a_backbone_says_of_itself_is_said_once() -> None:
    integers, plain = SimpleNamespace(notes=("drifts",)), SimpleNamespace()
    maps = [
        SimpleNamespace(backbone=integers),
        SimpleNamespace(backbone=plain),
        SimpleNamespace(backbone=integers),
        None,
    ]
    entries: list[Any] = [SimpleNamespace(parts=[SimpleNamespace(map=one)] if one else []) for one in maps]
    assert backbone_notes(entries) == ("drifts",)


def test_an_entry_too_slow_for_a_learning_curve_is_named() -> None:
    ground: Any = SimpleNamespace(split=SimpleNamespace(folds=[None] * 4))
    slow: Any = SimpleNamespace(name="from scratch · conv", seconds=100.0)
    assert slow_notes([slow, None, slow], ground) == ("no learning curve for from scratch · conv: one fit takes 20 s",)
    assert curves_of([slow, None], ground) == {}


def test_names() -> None:
    assert source_name(None) == ""
    assert source_name("some/where/rendered") == "rendered"
    assert "numpy" in versions()
