"""The backbone of a saved model: the same one or an error, never another one in silence."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from headstart.backbones.conv import open_conv
from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError


@pytest.fixture
def trained():
    """Weights that no name brings back."""
    backbone = open_conv(size=8)
    state = {name: tensor + 0.01 if tensor.is_floating_point() else tensor for name, tensor in backbone.state().items()}
    return backbone.with_state(state)


def write(folder, backbone, *, weights):
    if weights:
        save_file(backbone.state(), folder / weights)
    part = {**backbone.describe(), "weights": weights, "license": "cc-by-4.0"}
    (folder / "model.json").write_text(json.dumps({"format": 1, "backbones": [part]}))


def test_stored_weights_come_back(tmp_path, trained):
    write(tmp_path, trained, weights="backbone0.safetensors")
    found = open_backbone(f"model/{tmp_path}")
    assert (found.name, found.license) == (f"model/{tmp_path}", "cc-by-4.0")
    assert found.fingerprint == trained.fingerprint and found.describe()["reopens"]
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    one, two = (b.embed(b.collate([b.prepare(picture)]), ["pool"])["pool"] for b in (found, trained))
    assert torch.equal(one, two)


def test_a_backbone_that_its_name_opens_needs_no_weights(tmp_path):
    write(tmp_path, open_conv(size=8, seed=3), weights=None)
    assert open_backbone(f"model/{tmp_path}").fingerprint == open_conv(size=8, seed=3).fingerprint


def test_another_backbone_than_written_down_is_refused(tmp_path, trained):
    write(tmp_path, trained, weights=None)  # its name brings back untrained weights
    with pytest.raises(BackboneError, match="is not the one this model was made with"):
        open_backbone(f"model/{tmp_path}")


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no saved model"), ("{", "damaged"), ('{"backbones": []}', "damaged"), ('{"backbones": [{}]}', "damaged")],
)
def test_what_is_no_model_says_so(tmp_path, content, message):
    if content is not None:
        (tmp_path / "model.json").write_text(content)
    with pytest.raises(BackboneError, match=message):
        open_backbone(f"model/{tmp_path}")


def test_a_model_reads_nothing_outside_its_folder(tmp_path, trained):
    write(tmp_path, trained, weights=None)
    model = json.loads((tmp_path / "model.json").read_text())
    model["backbones"][0]["weights"] = "../other.safetensors"
    (tmp_path / "model.json").write_text(json.dumps(model))
    with pytest.raises(BackboneError, match="outside itself"):
        open_backbone(f"model/{tmp_path}")
