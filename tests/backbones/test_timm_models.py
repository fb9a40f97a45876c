"""timm's networks: its own features and preprocessing, local weights, and clear words when something does not fit."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError

pytestmark = pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")


@pytest.fixture(scope="module")
def timm():
    from headstart.backbones.torchvision_shim import import_timm

    return import_timm()


@pytest.fixture(scope="module")
def checkpoint(timm, tmp_path_factory):
    """Random weights with a classifier of 7 classes, in half precision, and the network they came from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = timm.create_model("resnet10t", num_classes=7).half().float().eval()
    file = tmp_path_factory.mktemp("weights") / "resnet.safetensors"
    save_file({name: t.half() if t.is_floating_point() else t for name, t in network.state_dict().items()}, file)
    return file, network


def test_features_and_logits_equal_timms_own(checkpoint):
    file, network = checkpoint
    backbone = open_backbone(f"timm/resnet10t?checkpoint={file}&input_size=64")
    batch = torch.randn(3, 3, 64, 64)
    found = backbone.embed(batch, ["layer2", "pool"])
    with torch.no_grad():
        maps = network.forward_features(batch)
        expected = network.forward_head(maps, pre_logits=True)
        logits = network(batch)
    torch.testing.assert_close(found["pool"], expected, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(backbone.source_proba(found["pool"]), logits.softmax(1), atol=1e-4, rtol=1e-3)
    assert found["layer2"].shape == (3, 128)
    assert backbone.with_state(backbone.state()).source_proba(found["pool"]) is None  # the state holds no classifier


def test_the_licence_of_a_file_is_only_what_somebody_stated(checkpoint):
    assert open_backbone(f"timm/resnet10t?checkpoint={checkpoint[0]}").license == "unknown"
    assert open_backbone(f"timm/resnet10t?checkpoint={checkpoint[0]}&license=mit").license == "mit"


def test_preprocessing_is_the_models_own_at_test_size(timm):
    backbone = open_backbone("random/timm/mobilenetv4_conv_small.e2400_r224_in1k")
    config = timm.get_pretrained_cfg("mobilenetv4_conv_small.e2400_r224_in1k")
    assert config.test_input_size != config.input_size  # else this test would show nothing
    assert backbone.preparation.size == config.test_input_size[1:]
    assert backbone.preparation.crop_pct == config.test_crop_pct
    assert backbone.preparation.mean == config.mean and backbone.preparation.interpolation == config.interpolation


def test_preprocessing_can_be_overruled():
    preparation = open_backbone("random/timm/resnet10t?input_size=48&mean=0.5&std=0.1,0.2,0.3&crop_pct=1").preparation
    assert preparation.size == (48, 48) and preparation.crop_pct == 1
    assert preparation.mean == (0.5, 0.5, 0.5) and preparation.std == (0.1, 0.2, 0.3)


def test_options_that_shape_the_network_change_its_fingerprint(mobilenet):
    other = open_backbone("random/timm/mobilenetv2_100?input_size=64&bn_eps=0.001")
    assert other.fingerprint != mobilenet.fingerprint
    assert {n: tuple(t.shape) for n, t in other.state().items()} == {
        n: tuple(t.shape) for n, t in mobilenet.state().items()
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("timm/resnet17", "timm has no model 'resnet17'; did you mean resnet18"),
        ("timm/resnet18.best", "no weights 'best' for resnet18; it has: resnet18"),
        ("timm/resnet18?seed=0&pad_type=same", "does not take these options: {'pad_type': 'same'}"),
        ("timm/resnet18?seed=0&checkpoint=x", "exclude each other"),
        ("timm/resnet18?license=mit", "goes with checkpoint="),
        ("timm/resnet18?checkpoint=weights.pth", "may hold a pickle"),
        ("timm/resnet18?checkpoint={file}", "holds another architecture than timm/resnet18: .* missing"),
        ("timm/resnet18", "cannot get the weights of 'timm/resnet18': .*; unset HF_HUB_OFFLINE"),
    ],
)
def test_what_cannot_be_opened_says_why(checkpoint, name, message, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BackboneError, match=message) as caught:
        open_backbone(name.format(file=checkpoint[0]))
    assert "\n" not in str(caught.value)


def test_ants_and_bees_with_imagenet_features(shared_data):
    """Frozen features and logistic regression: .95 on the whole validation set; here a third of the photos."""
    from sklearn.linear_model import LogisticRegression

    file = shared_data / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    name = f"timm/mobilenetv2_100?checkpoint={file}&pad_type=same&bn_eps=0.001&mean=0.5&std=0.5"
    score = _score(open_backbone(name), shared_data / "images" / "hymenoptera", LogisticRegression(max_iter=1000))
    assert score >= 0.88


def _score(backbone, folder, head):
    parts = {}
    for part, step in (("train", 4), ("val", 3)):
        files = [
            (file, label) for label in ("ants", "bees") for file in sorted((folder / part / label).iterdir())[::step]
        ]
        rows = []
        for start in range(0, len(files), 16):
            batch = backbone.collate([backbone.prepare(file) for file, _ in files[start : start + 16]])
            rows.append(backbone.embed(batch, ["pool"])["pool"].numpy())
        parts[part] = np.concatenate(rows), [label for _, label in files]
    return head.fit(*parts["train"]).score(*parts["val"])
