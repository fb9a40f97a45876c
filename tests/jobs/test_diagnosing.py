"""`headstart.diagnose` from files, texts, arrays and data sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import headstart as hs
from headstart.errors import DataError
from headstart.jobs import diagnosing, seeing


def texts(noun: str, n: int = 120) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(len(noun))
    good = rng.random(n) < 0.5
    words = [f"a {'good fine lovely' if one else 'bad poor awful'} {noun} {rng.integers(99)}" for one in good]
    return words, ["yes" if one else "no" for one in good]


def test_arrays_go_as_they_are() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((300, 4)), rng.standard_normal((300, 4)) + 1
    found = hs.diagnose((first, (first[:, 0] > 0).astype(str)), (second, None))
    assert found.differing == ("P(X)",)
    assert found.setting.kind == "transductive"


def test_texts_travel_through_one_backbone() -> None:
    found = hs.diagnose(texts("book"), texts("knife"), backbone="tfidf")
    assert "P(X)" in found.differing
    assert found.backbone == "tfidf"
    assert found.picture is not None
    assert {word for word, _ in found.picture.telling[:2]} == {"book", "knife"}


def test_what_is_not_named_is_chosen_by_the_labels_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (diagnosing, seeing):
        monkeypatch.setattr(module, "default_backbones", lambda modality: ("conv?size=8",))
    rng = np.random.default_rng(0)
    for name in ("old", "new"):
        for label, low in (("dark", 0), ("light", 120)):
            (tmp_path / name / label).mkdir(parents=True)
            for number in range(15):
                pixels = rng.integers(low, low + 130, (8, 8, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / name / label / f"{number}.png")
    store = hs.Store(tmp_path / "store")
    old, new = (hs.read(tmp_path / name) for name in ("old", "new"))
    found = hs.diagnose(old, new, store=store)
    assert found.backbone == seeing.seen_through(old, new, store=store).feature_map.name
    assert any(note.startswith(f"seen through {found.backbone}: ") for note in found.notes)
    unlabelled = replace(old, labels=np.full(len(old), -1))
    assert hs.diagnose(unlabelled, new, store=store).backbone == "conv · pool"
    assert hs.diagnose(old, new, backbone="conv?size=8", store=store).backbone == "conv"


def test_tables_are_matched_by_column_name(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for name, header in (("old", "a,b,label"), ("new", "b,a,label")):
        X = rng.standard_normal((80, 2))
        values = X[:, ::-1] if name == "new" else X
        rows = [f"{x:.4f},{y:.4f},{'yes' if p[0] > 0 else 'no'}" for (x, y), p in zip(values, X, strict=True)]
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *rows]))
    found = hs.diagnose(tmp_path / "old.csv", tmp_path / "new.csv", label="label")
    assert found["X"].answer == "same"
    assert found.differing == ()


def test_unlike_modalities_are_an_answer() -> None:
    found = hs.diagnose(texts("book"), (np.zeros((9, 2)), ["yes", "no", "no"] * 3))
    assert found.differing == ("X",)


def test_a_backbone_of_another_modality_is_refused() -> None:
    with pytest.raises(DataError, match="reads text samples"):
        hs.diagnose((np.eye(4), None), (np.eye(4), None), backbone="tfidf")


def test_pictures_of_two_domains(shared_data: Path) -> None:
    """Dslr and webcam show the same classes of objects."""
    folder = shared_data / "images" / "office_caltech10"
    found = hs.diagnose(folder / "dslr", folder / "webcam", backbone="raw")
    assert found["Y"].answer == "same"
    assert found.rows[0] > 100


def test_a_saved_model_is_a_source(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    first, second = rng.standard_normal((160, 4)), rng.standard_normal((90, 4)) + 0.3
    labels = [np.where(X[:, 0] + 0.5 * rng.standard_normal(len(X)) > 0, "yes", "no") for X in (first, second)]
    hs.transfer((first, labels[0]), seed=0).save(tmp_path / "model")
    found = hs.diagnose(tmp_path / "model", (second, labels[1]))
    assert found["Y"].answer == "same"
    assert found["P(X)"].answer == "unknown"
    assert found.harm is not None, "its own held-out accuracy stands in its folder"
    assert found.labels is not None
    assert found.labels.priors is not None


def test_another_language_leaves_x_open() -> None:
    english = ["a good film indeed", "bad and boring", "dull"] * 30
    german = ["gute Unterhaltung heute", "langweilig und schlecht", "öde"] * 30
    labels = ["yes", "no", "no"] * 30
    found = hs.diagnose((english, labels), (german, labels), backbone="tfidf")
    assert found["X"].answer == "unknown"
    assert "another language?" in found["X"].reason
