"""The job from data to a model: it adapts where the target moved, proves it, saves it, and refuses what cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headstart as hs
from headstart.adaptation.findings import verdict
from headstart.data.dataset import Dataset
from headstart.errors import DataError, UnknownName
from headstart.jobs.adapting import adapt, card
from headstart.results import Interval

from ..adaptation.worlds import moved, same


def vectors(X: Any, y: Any, name: str) -> Dataset:
    return hs.read((X, np.array(["ant", "bee", "cat"])[y]), name=name)


@pytest.fixture(scope="module")
def pair() -> tuple[Dataset, Dataset]:
    world = moved(150)
    return vectors(world.Xs, world.ys, "old"), vectors(world.Xt, world.yt, "new")


def test_a_moved_target_is_adapted_to_and_the_proof_is_there(pair: tuple[Dataset, Dataset]) -> None:
    found = adapt(*pair, quiet=True)
    assert found.method != "none"
    assert found.shift.startswith("features differ")
    assert found.accuracy is not None
    assert found.unadapted is not None
    assert found.gain is not None
    assert found.accuracy > found.unadapted + 0.1
    assert found.gain.value == pytest.approx(found.accuracy - found.unadapted)
    assert set(found.per_class) == {"ant", "bee", "cat"}
    assert found.changed > 0.1
    page = str(found)
    assert "adapting helps" in page
    assert f"* {found.method}" in page
    json.dumps(found.to_dict())
    assert found.method in card(found, *pair)


def test_the_labels_that_measure_are_never_learned_from(pair: tuple[Dataset, Dataset]) -> None:
    source, target = pair
    other = vectors(np.asarray(target.items.matrix), np.roll(target.labels, 1), "new")  # type: ignore[attr-defined]
    first, second = (adapt(source, each, method="coral", quiet=True) for each in (target, other))
    X = np.asarray(target.items.matrix)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(first.model.head_proba(X), second.model.head_proba(X))


def test_the_model_is_saved_and_predicts(pair: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    for method in ("coral", "jda", "em_prior"):
        found = adapt(*pair, method=method, quiet=True)
        found.save(tmp_path / method)
        loaded = hs.load(tmp_path / method)
        rows = np.asarray(pair[1].items.matrix)[:20]  # type: ignore[attr-defined]
        said = [each.label for each in loaded.predict(rows)]
        assert said == [each.label for each in found.model.predict(rows)]
        assert method in (tmp_path / method / "README.md").read_text()


def test_equal_domains_stay_unadapted() -> None:
    world = same(150)
    found = adapt(vectors(world.Xs, world.ys, "a"), vectors(world.Xt, world.yt, "b"), quiet=True)
    assert found.method == "none"
    assert found.changed == 0
    assert "nothing was adapted" in str(found)


def test_some_target_labels_are_used(pair: tuple[Dataset, Dataset], capsys: pytest.CaptureFixture[str]) -> None:
    source, target = pair
    names = np.array(["ant", "bee", "cat"])[target.labels].astype(object)
    names[30:] = ""
    partly = hs.read((np.asarray(target.items.matrix), names), name="new")  # type: ignore[attr-defined]
    found = adapt(source, partly, method="balanced")
    assert found.accuracy is None
    assert "method   balanced" in capsys.readouterr().out


def test_text_is_read_through_words_of_both_sides(tmp_path: Path) -> None:
    good, bad = ["lovely", "warm", "brilliant", "moving"], ["dull", "clumsy", "tedious", "empty"]
    for name, thing in (("books", "novel"), ("films", "scene")):
        lines = [f"a {word} {thing} number {row},{label}" for row in range(12) for word, label in
                 [(good[row % 4], "good"), (bad[row % 4], "bad")]]  # fmt: skip
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label", *lines]))
    found = adapt(
        tmp_path / "books.csv", tmp_path / "films.csv", backbone="tfidf", text="text", label="label", quiet=True
    )
    assert found.accuracy == 1.0


def test_misuse(pair: tuple[Dataset, Dataset]) -> None:
    source, target = pair
    with pytest.raises(UnknownName, match="Did you mean 'coral'"):
        adapt(source, target, method="corral")
    with pytest.raises(DataError, match=r"the source .* has no labels"):
        adapt(hs.read(np.random.default_rng(0).normal(size=(9, 5))), target)
    with pytest.raises(DataError, match="feature spaces differ"):
        adapt(hs.read(["good", "bad"] * 5, name="texts"), target)
    with pytest.raises(DataError, match="reads vector samples"):
        raw = hs.open_backbone("raw", modality="vector")
        adapt(hs.read((["good", "bad"] * 5, ["a", "b"] * 5), name="texts"), hs.read(["fine"] * 9), backbone=raw)


def test_a_source_of_one_class_is_named(pair: tuple[Dataset, Dataset]) -> None:
    X = np.asarray(pair[0].items.matrix)  # type: ignore[attr-defined]
    with pytest.raises(DataError, match=r"are of one class \('ant'\)"):
        adapt(hs.read((X, np.full(len(X), "ant")), name="old"), pair[1])


def test_classes_that_the_source_lacks_are_told(pair: tuple[Dataset, Dataset]) -> None:
    source, target = pair
    names = np.array(["ant", "bee", "dog"])[target.labels]
    strange = hs.read((np.asarray(target.items.matrix), names), name="new")  # type: ignore[attr-defined]
    found = adapt(source, strange, method="none", quiet=True)
    assert any("the source knows no dog" in note for note in found.notes)
    assert set(found.per_class) == {"ant", "bee"}


def test_the_verdict() -> None:
    assert verdict(Interval(0.1, 0.05, 0.15)).startswith("adapting helps: +10.0 points")
    assert verdict(Interval(-0.1, -0.15, -0.05)).startswith("negative transfer")


def test_a_page_lies_beside_the_model(pair: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    found = adapt(*pair, method="coral", quiet=True)
    found.save(tmp_path / "model")
    page = (tmp_path / "model" / "report.html").read_text()
    assert "Before and after" in page
    assert found.verdict in page
    assert found.classes[0].rows > 0


def test_rows_of_classes_that_the_source_lacks_are_found_and_measured(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    world = same(150)
    strange = rng.normal(size=(40, 5)) + np.array([0, 0, 0, 9, 0])
    X = np.vstack([world.Xt, strange])
    names = np.append(np.array(["ant", "bee", "cat"])[world.yt], np.full(40, "dog"))
    found = adapt(vectors(world.Xs, world.ys, "old"), hs.read((X, names), name="new"), method="open_set", quiet=True)
    assert found.model.task.classes[-1] == "unknown"
    assert next(each for each in found.classes if each.name == "unknown").adapted == pytest.approx(1.0, abs=0.1)
    found.save(tmp_path / "model")
    said = hs.load(tmp_path / "model").predict(strange)
    assert [each.label for each in said].count("unknown") > 35


def test_a_method_may_be_named_with_its_options(pair: tuple[Dataset, Dataset]) -> None:
    found = adapt(*pair, method="open_set?inner=coral&share=0.1", quiet=True)
    assert found.method == "open_set"
    assert "asked for as open_set?inner=coral&share=0.1" in found.notes
    with pytest.raises(UnknownName, match="ridge"):
        adapt(*pair, method="coral?rigde=1", quiet=True)
