"""Resize and crop in one step gives what two steps give: timm's own test-time transform, to a grey level."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.backbones.picture_preparation import FILTERS, PicturePreparation
from headstart.errors import BackboneError, DataError


def picture(height, width, seed=0):
    """A picture with detail at every scale, as photos have, far enough from black and white that nothing is clipped."""
    rng = np.random.default_rng(seed)
    layers = []
    for cells in (4, 16, 64):
        coarse = Image.fromarray(rng.integers(40, 216, (cells, cells, 3), dtype=np.uint8))
        layers.append(np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float))
    return Image.fromarray(np.average(layers, axis=0, weights=(3, 2, 1)).round().astype(np.uint8))


def levels(preparation, item):
    """The network's input as grey levels 0..255, (channels, height, width)."""
    batch = preparation.collate([preparation.prepare(item)])[0]
    mean, std = (torch.tensor(value)[:, None, None] for value in (preparation.mean, preparation.std))
    return (batch * std + mean) * 255


@given(
    height=st.integers(20, 300),
    width=st.integers(20, 300),
    crop=st.sampled_from([1.0, 0.95, 0.875]),
    mode=st.sampled_from(["center", "squash"]),
    interpolation=st.sampled_from(["bilinear", "bicubic"]),
    size=st.sampled_from([(32, 32), (64, 64), (33, 33), (32, 48)]),
)
@settings(max_examples=30, deadline=None)
def test_equal_to_timm(height, width, crop, mode, interpolation, size):
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm is not installed")
    from headstart.backbones.torchvision_shim import import_timm

    image = picture(height, width)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    facts = {"crop_pct": crop, "crop_mode": mode, "interpolation": interpolation, "mean": mean, "std": std}
    theirs = import_timm().data.create_transform((3, *size), is_training=False, **facts)(image)
    ours = PicturePreparation(size=size, **facts)
    expected = (theirs * torch.tensor(std)[:, None, None] + torch.tensor(mean)[:, None, None]) * 255
    difference = (levels(ours, image) - expected).abs().round()
    # Pillow chooses by cost whether it resizes rows or columns first, and rounds in between: the order may differ.
    # Bilinear weights are positive, so that is one level at most; bicubic ones overshoot, so a rare pixel is two off.
    assert difference.max() <= (1 if interpolation == "bilinear" else 2)
    assert (difference > 1).float().mean() < 0.01


@pytest.mark.parametrize("interpolation", sorted(FILTERS))
def test_a_picture_of_the_right_size_passes_unchanged(interpolation):
    image = picture(24, 24)
    ours = PicturePreparation(size=(24, 24), interpolation=interpolation)
    assert np.array_equal(ours.prepare(image).numpy(), np.asarray(image))


def test_normalising_is_what_its_formula_says():
    ours = PicturePreparation(size=(4, 4), mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    expected = (pixels / 255 - np.array([0.1, 0.2, 0.3])) / np.array([0.5, 0.6, 0.7])
    found = ours.collate([ours.prepare(pixels)])[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_grey_networks_get_one_channel():
    ours = PicturePreparation(size=(8, 8), mean=(0.5,), std=(0.5,))
    assert ours.collate([ours.prepare(picture(30, 20))]).shape == (1, 1, 8, 8)


def test_a_large_jpeg_is_decoded_smaller_only_while_twice_the_size_remains(tmp_path, monkeypatch):
    asked = []
    ours = PicturePreparation(size=(56, 56), crop_pct=0.875)
    monkeypatch.setattr(
        "headstart.backbones.picture_preparation.open_picture",
        lambda item, *, at_least: asked.append(at_least) or Image.new("RGB", (300, 200)),
    )
    ours.prepare(tmp_path / "any.jpg")
    assert asked == [128]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interpolation": "sinc"}, "unknown interpolation 'sinc'; known: nearest"),
        ({"crop_mode": "border"}, "crop_mode 'border'"),
        ({"crop_pct": 1.5}, r"crop_pct must lie in \(0, 1\]"),
        ({"mean": (0.5, 0.5)}, "1 or 3 values"),
        ({"std": (0.0, 1.0, 1.0)}, "must be positive"),
    ],
)
def test_impossible_settings_are_refused(change, message):
    with pytest.raises(BackboneError, match=message):
        PicturePreparation(**{"size": (8, 8), **change})


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="empty"):
        PicturePreparation(size=(8, 8)).prepare(tmp_path / "empty.jpg")
