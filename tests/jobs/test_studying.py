"""The whole study: worlds where upper layers are specialised and where they are not, resuming, misuse."""

from __future__ import annotations

import numpy as np
import pytest
from tests.strategies.transferability.worlds import coarse, elsewhere, rows, source
from tests.strategies.worlds import blobs

import headstart as hs
from headstart.backbones.conv import open_conv
from headstart.backbones.torchvision_shim import make_torchvision_importable
from headstart.errors import DataError, UnknownName
from headstart.jobs import studying


def found_in(code):
    return hs.study(
        rows(code, name="B", n=500, seed=1), source=rows(source, name="A", n=1200), seeds=1, cuts=["layer1", "pool"],
        steps=220,
    )  # fmt: skip


def test_upper_layers_made_for_something_else_are_found():
    study = found_in(elsewhere)
    lower, upper = study.cuts
    assert upper.specialisation.low > 0.1
    assert upper.transfer.value < lower.transfer.value - 0.1  # AnB falls with n
    assert upper.co_adaptation.value < 0.1
    assert "A's layers serve B less well" in study.verdict[0]


def test_upper_layers_that_serve_both_are_left_in_peace():
    study = found_in(coarse)
    lower, upper = study.cuts
    assert upper.specialisation.value < 0.05
    assert upper.transfer.value > lower.transfer.value - 0.05
    assert upper.gain.value > -0.03
    assert study.probes[-1].accuracy.low > study.probes[-1].untrained.value


@pytest.fixture
def pictures():
    """Bars in one of four directions: small enough to train in a moment."""
    rng = np.random.default_rng(0)
    n = 240
    pixels = rng.integers(0, 60, (n, 8, 8))
    for row in range(n):
        place, kind = rng.integers(1, 7), row % 4
        bars = {0: np.s_[place, :], 1: np.s_[:, place]}
        if kind < 2:
            pixels[row][bars[kind]] += 180
        else:
            diagonal = np.arange(8)
            pixels[row, diagonal, diagonal if kind == 2 else 7 - diagonal] += 180
    return hs.read((pixels.astype(np.uint8), [f"bar {row % 4}" for row in range(n)]), name="bars")


QUICK = {"seeds": 1, "steps": 8, "cuts": ["stage1"], "views": 2}


def test_stopped_and_started_again_it_goes_on_after_the_last_network(pictures, monkeypatch):
    trained, learned = [], studying.Experiment.run

    def interrupted(self, treatment):
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.append(treatment)
        return learned(self, treatment)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(studying.Experiment, "run", interrupted)
        hs.study(pictures, **QUICK)
    study = hs.study(pictures, **QUICK)
    assert (study.trained, study.reused) == (2, 3)
    again = hs.study(pictures, **QUICK)
    assert again.trained == 0
    assert again.cuts == study.cuts
    assert again.probes == study.probes


def test_classes_are_dealt_out_and_named(pictures):
    study = hs.study(pictures, **{**QUICK, "seeds": 2})
    names = study.source.removeprefix("bars: ").split(", ") + study.target.removeprefix("bars: ").split(", ")
    assert sorted(names) == [f"bar {number}" for number in range(4)]
    assert study.seeds == 2
    assert len(study.accuracies) == 5
    assert study.base.value == pytest.approx(np.mean(study.accuracies["base"]))
    assert study.cuts[0].transfer.value == pytest.approx(np.mean(study.accuracies["A stage1 B"]))
    assert any("dealt out" in note for note in study.notes)


def test_a_pretrained_network_as_a(pictures):
    study = hs.study(pictures, backbone=open_conv(size=8, channels=1, width=4), **QUICK)
    assert study.source == "conv"
    assert len(study.probes) == 4
    assert study.base is not None


def test_the_layers_of_a_network_with_skip_connections():
    make_torchvision_importable()
    pytest.importorskip("timm")
    rng = np.random.default_rng(0)
    data = hs.read((rng.integers(0, 255, (60, 32, 32, 3), dtype=np.uint8), ["a", "b"] * 30))
    backbone = hs.open_backbone("random/timm/test_resnet", input_size=32)
    study = hs.study(data, backbone=backbone, seeds=1, steps=2, views=1, cuts=[backbone.layers[1]])
    assert study.cuts[0].layer == backbone.layers[1]
    assert [probe.layer for probe in study.probes] == list(backbone.layers)


def test_probes_alone_train_nothing(pictures):
    study = hs.study(pictures, backbone=open_conv(size=8, channels=1, width=4), probes_only=True)
    assert (study.trained, study.cuts, study.base) == (0, (), None)
    assert [probe.layer for probe in study.probes] == ["stage1", "stage2", "stage3", "pool"]
    assert "Probes" in study.verdict[0]


def test_what_no_study_can_be_made_of(pictures):
    with pytest.raises(UnknownName, match=r"Unknown layer of 'conv' 'stage9'. Did you mean 'stage\d'"):
        hs.study(pictures, cuts=["stage9"])
    with pytest.raises(DataError, match="no cut is given"):
        hs.study(pictures, cuts=[])
    with pytest.raises(DataError, match="seeds=0"):
        hs.study(pictures, seeds=0)
    with pytest.raises(DataError, match="not both"):
        hs.study(pictures, source=pictures, backbone="conv")
    with pytest.raises(DataError, match="A holds vector samples and B image"):
        hs.study(pictures, source=blobs())
    with pytest.raises(DataError, match="at least two each"):
        hs.study(blobs(60, classes=3))
    with pytest.raises(DataError, match="no augmented views"):
        hs.study(blobs(60, classes=4), views=3)
    with pytest.raises(DataError, match="no inner layers"):
        hs.study(pictures, backbone="raw", probes_only=True)
    with pytest.raises(DataError, match="'raw' is none"):
        hs.study(pictures, backbone="raw")
    with pytest.raises(DataError, match="to study layers learned on a source"):
        hs.study(pictures, source=pictures, probes_only=True)
