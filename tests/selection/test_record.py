"""The user's own runs: kept, taken up again, standardised per task, and not at all where switched off."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.backbones.opening import open_backbone
from headstart.features.store import Store
from headstart.selection.record import Run, combined, identity, recalled, remember, strengths, task_digest


def run(task: str, backbone: str, accuracy: float) -> Run:
    return Run(task=task, backbone=backbone, name=backbone, modality="image", accuracy=accuracy, n=100)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert recalled(store) == []
    remember([run("one", "a", 0.8), run("one", "b", 0.6)], store)
    remember([run("one", "a", 0.9), run("two", "a", 0.5)], Store(tmp_path))
    found = recalled(store)
    assert sorted((each.task, each.backbone, each.accuracy) for each in found) == [
        ("one", "a", 0.9), ("one", "b", 0.6), ("two", "a", 0.5),
    ]  # fmt: skip


@pytest.mark.parametrize("off", ["off", "no", "0"])
def test_nothing_is_kept_where_it_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setenv("HEADSTART_RECORD", off)
    remember([run("one", "a", 0.8)], Store(tmp_path))
    assert not list(tmp_path.iterdir())
    monkeypatch.delenv("HEADSTART_RECORD")
    remember([run("one", "a", 0.8)], Store(tmp_path))
    monkeypatch.setenv("HEADSTART_RECORD", off)
    assert recalled(Store(tmp_path)) == []


def test_strengths_are_standardised_and_blind_to_the_task_itself() -> None:
    runs = [run("one", "a", 0.9), run("one", "b", 0.7), run("two", "a", 0.5), run("two", "b", 0.6), run("six", "a", 1)]
    for without, expected in (("", {"a": (0.0, 2), "b": (0.0, 2)}), ("two", {"a": (1.0, 1), "b": (-1.0, 1)})):
        found = strengths(runs, without=without)
        assert found.keys() == expected.keys()
        for backbone, (mean, tasks) in expected.items():
            assert found[backbone] == (pytest.approx(mean), tasks)


def test_own_runs_outweigh_the_public_figure_with_their_number() -> None:
    assert combined(2.0, None) == 2.0
    assert combined(None, None) is None
    assert combined(2.0, (-1.0, 1)) == 0.5
    assert combined(2.0, (-1.0, 9)) == pytest.approx(-0.7)
    assert combined(None, (1.0, 1)) == 0.5


def test_tasks_and_weights_are_told_apart() -> None:
    assert task_digest(("a", "b"), (5, 5)) != task_digest(("a", "b"), (5, 6))
    assert identity(open_backbone("conv?size=8")) != identity(open_backbone("conv?size=8&seed=1"))
    assert identity(open_backbone("tfidf")) == "tfidf"
