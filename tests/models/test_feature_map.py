"""Layers side by side: none outvotes the others, and a single one is left as it is."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.reading import read
from headstart.features.extraction import extract
from headstart.models.feature_map import FeatureMap, backbones_of, matrices_of


@pytest.fixture
def pictures() -> object:
    rng = np.random.default_rng(0)
    return read((rng.integers(0, 255, (12, 8, 8), dtype=np.uint8), ["a", "b"] * 6))


def test_concatenated_blocks_have_unit_mean_square_length(pictures: object) -> None:
    backbone = open_backbone("conv", size=8, channels=1)
    blocks = extract(pictures, backbone, layers=backbone.layers)
    rows = np.arange(8)
    scaled = FeatureMap(backbone, backbone.layers).scaled_on(blocks, rows)
    joined = scaled.joined(blocks)
    assert joined.shape[1] == sum(blocks[layer].X.shape[1] for layer in backbone.layers)
    start = 0
    for layer in backbone.layers:
        width = blocks[layer].X.shape[1]
        part = joined[rows, start : start + width]
        assert (part.astype(np.float64) ** 2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-5)
        start += width
    assert np.array_equal(scaled.matrix(pictures), joined)


def test_a_single_layer_is_taken_as_it_is(pictures: object) -> None:
    backbone = open_backbone("conv", size=8, channels=1)
    last = backbone.layers[-1]
    blocks = extract(pictures, backbone, layers=[last])
    single = FeatureMap(backbone, (last,)).scaled_on(blocks, np.arange(8))
    assert np.array_equal(single.joined(blocks), blocks[last].X)


def test_maps_of_one_backbone_share_its_pass(pictures: object, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone, other = open_backbone("conv", size=8, channels=1), open_backbone("raw", modality="image")
    maps = [FeatureMap(backbone, ("pool",)), FeatureMap(other, other.layers), FeatureMap(backbone, ("stage1",))]
    asked = []

    def counted(dataset: object, one: object, **options: object) -> object:
        asked.append((one, options["layers"]))
        return extract(dataset, one, **options)

    monkeypatch.setattr("headstart.models.feature_map.extract", counted)
    together = matrices_of(maps, pictures)
    assert [(one.name, layers) for one, layers in asked] == [
        (backbone.name, ["pool", "stage1"]), (other.name, list(other.layers))
    ]  # fmt: skip
    for alone, matrix in zip(maps, together, strict=True):
        assert np.array_equal(alone.matrix(pictures), matrix)


def test_backbones_of_maps_stand_once_in_order() -> None:
    first, second = (open_backbone("conv", size=8, channels=1, seed=seed) for seed in (0, 1))
    maps = [FeatureMap(each, each.layers[-1:]) for each in (second, first, second)]
    assert backbones_of(maps) == (second, first)
