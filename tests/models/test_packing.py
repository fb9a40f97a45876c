"""Members on disk: one as ever, several with each backbone once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.errors import ModelError
from headstart.heads.ridge import Ridge
from headstart.models.feature_map import FeatureMap
from headstart.models.folder import load, save
from headstart.models.member import Member
from headstart.models.model import Model


@pytest.fixture
def pictures() -> Dataset:
    rng = np.random.default_rng(0)
    return read((rng.integers(0, 255, (20, 8, 8), dtype=np.uint8), ["a", "b"] * 10))


@pytest.fixture
def mixture(pictures: Dataset) -> Model:
    """Two layers of one network, whose weights no name brings back, and another network that a name does."""
    named = open_backbone("conv", size=8, channels=1)
    state = {name: tensor + 0.1 if tensor.is_floating_point() else tensor for name, tensor in named.state().items()}
    learned = named.with_state(state)
    maps = [FeatureMap(learned, ("pool",)), FeatureMap(learned, ("stage1",)), FeatureMap(named, ("pool",))]
    members = tuple(
        Member(each, Ridge().fit(each.matrix(pictures), pictures.labels), weight, temperature)
        for each, weight, temperature in zip(maps, (0.5, 0.3, 0.2), (1.0, 2.0, 0.5), strict=True)
    )
    return Model(members, pictures.task, pictures.domain, temperature=1.2)


def test_a_mixture_comes_back_as_it_was(mixture: Model, pictures: Dataset, tmp_path: Path) -> None:
    folder = save(mixture, tmp_path / "model")
    copy = load(folder)
    np.testing.assert_array_equal(copy.proba(pictures), mixture.proba(pictures))
    assert [(each.weight, each.temperature) for each in copy.members] == [(0.5, 1.0), (0.3, 2.0), (0.2, 0.5)]
    assert copy.members[0].map.backbone is copy.members[1].map.backbone
    stored = {file.name for file in folder.glob("*.safetensors")}
    assert stored == {"backbone0.safetensors", "head0.safetensors", "head1.safetensors", "head2.safetensors"}
    whole = save(mixture, tmp_path / "whole", standalone=True)
    assert (whole / "backbone1.safetensors").exists()
    np.testing.assert_array_equal(load(whole).proba(pictures), mixture.proba(pictures))


def test_a_version_that_knows_no_mixtures_would_refuse_it(mixture: Model, model: Model, tmp_path: Path) -> None:
    formats = [
        json.loads((save(each, tmp_path / name) / "model.json").read_text())["format"]
        for name, each in (("one", model), ("several", mixture))
    ]
    assert formats == [1, 2]


def test_a_damaged_mixture_says_what_is_wrong(mixture: Model, tmp_path: Path) -> None:
    folder = save(mixture, tmp_path / "model")
    (folder / "head1.safetensors").unlink()
    with pytest.raises(ModelError, match="not a whole model"):
        load(folder)


def test_other_weights_are_noticed_when_saving(mixture: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from headstart.models import folder as module

    real = module.load

    def changed(path: Path) -> Model:
        copy = real(path)
        return replace(copy, members=(replace(copy.members[0], weight=0.4), *copy.members[1:]))

    monkeypatch.setattr(module, "load", changed)
    with pytest.raises(ModelError, match="differs in"):
        save(mixture, tmp_path / "model")
