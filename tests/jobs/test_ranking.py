"""`headstart.rank`: finds the better features, skips what cannot be had, and says what odd data can mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.data.dataset import Dataset
from headstart.errors import BackboneError, DataError, UnknownName
from headstart.problem import Domain, Task
from headstart.selection.limits import Limits
from headstart.selection.record import Run, identity, remember, task_digest

NETS = ("conv?size=16", "raw", "timm/no_such_network")


@pytest.fixture(scope="module")
def pictures() -> Dataset:
    """Stripes of two directions and a phase of their own: a network sees them, single pixels do not."""
    rng, side = np.random.default_rng(0), np.arange(16)
    labels = np.arange(80) % 2
    waves = [np.sin(1.6 * side[:, None] + rng.uniform(0, 6.3)) * np.ones(16) for _ in labels]
    items = [np.uint8(127 + 100 * (wave if label else wave.T))[:, :, None].repeat(3, axis=2)
             for wave, label in zip(waves, labels, strict=True)]  # fmt: skip
    return Dataset(Domain("image", "stripes"), Task(("flat", "steep")), items, labels, tuple(map(str, range(80))))


def texts(n: int = 60) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    good = [row % 2 == 0 for row in range(n)]
    words = [f"a {'good fine' if one else 'bad poor'} book {rng.integers(999)}" for one in good]
    return words, [str(one) for one in good]


def test_ranks_layers_and_skips_what_cannot_be_had(pictures: Dataset) -> None:
    found = hs.rank(pictures, backbones=NETS, quiet=True)
    assert found.best.backbone == "conv?size=16"
    assert "timm has no model 'no_such_network'" in found.skipped["timm/no_such_network"]
    layers = {place.layers for place in found.places if place.backbone == "conv?size=16"}
    assert {("stage1",), ("pool",)} < layers
    assert max(map(len, layers)) > 1  # the layers together
    assert [layer for layer, _, _ in found.profiles["conv?size=16"]] == ["stage1", "stage2", "stage3", "pool"]
    raw = next(place for place in found.places if place.backbone == "raw")
    assert not raw.leader
    assert raw.strength is not None
    assert sum(place.p_best for place in found.places) == pytest.approx(1)


def test_positions_may_be_pooled_by_their_largest(pictures: Dataset) -> None:
    found = hs.rank(pictures, backbones=("conv?size=16", "raw"), poolings=("mean", "max"), quiet=True)
    names = {place.name for place in found.places}
    assert {"conv?size=16 · stage1", "conv?size=16 · stage1 (max)", "raw · pool"} <= names
    assert "raw · pool (max)" not in names  # a fixed map has no positions
    assert "conv?size=16 · pool (max)" not in names  # the embedding is pooled already: the same features once


def test_a_saved_models_own_head_is_asked(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4)).astype(np.float32)
    y = np.where(X[:, 0] > 0, "yes", "no")
    hs.transfer((X, y), scratch=False, quiet=True).save(tmp_path / "model")
    found = hs.rank((X, y), backbones=(f"model/{tmp_path / 'model'}", "raw"), by="leep", quiet=True)
    assert found.best.predicted is not None
    assert -0.5 < found.best.predicted.value < 0
    assert "leep asks what the source's own classifier answers" in found.skipped["raw"]


def test_held_out_rows_choose_nothing() -> None:
    """Rows that a transfer holds out may say what they like: the ranking is the same."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 5)), np.arange(400) % 2
    data = hs.read((X + y[:, None], np.where(y, "a", "b")))
    held = hs.split(data).test
    assert len(held)
    turned = y.copy()
    turned[held] = 1 - turned[held]
    other = hs.read((X + y[:, None], np.where(turned, "a", "b")))
    parts = tuple("test" if row in set(held) else "train" for row in range(400))
    first, second = (hs.rank(replace(each, parts=parts), backbones=("raw",), quiet=True) for each in (data, other))
    assert first.places == second.places
    assert first.notes[-1].startswith("100 rows were not looked at")


def test_same_inputs_same_ranking(pictures: Dataset) -> None:
    first, second = (hs.rank(pictures, backbones=("conv?size=16", "raw"), quiet=True) for _ in range(2))
    assert [(place.name, place.predicted) for place in first.places] == [
        (place.name, place.predicted) for place in second.places
    ]


@pytest.mark.parametrize("by", ["logme", "knn_loo", "parc"])
def test_one_metric_may_decide(pictures: Dataset, by: str) -> None:
    found = hs.rank(pictures, backbones=("conv?size=16", "raw"), by=by, quiet=True)
    assert found.by == by
    assert set(found.places[0].scores) == {by}
    assert found.leaders


def test_texts_bring_their_null_along() -> None:
    found = hs.rank(texts(), backbones=("tfidf",), quiet=True)
    assert found.best.backbone == "tfidf"
    assert found.best.predicted is not None
    assert found.best.predicted.value > 0.9


def test_without_labels_it_says_what_the_order_means() -> None:
    found = hs.rank(texts()[0], backbones=("tfidf",), quiet=True)
    assert found.by == "prior"
    assert not found.leaders
    assert found.best.predicted is None
    assert found.best.scores["rankme"] > 1
    assert found.notes[-2].startswith("there are no labels: the order is that of public figures")
    assert "No label was looked at" in str(found)


def test_one_sample_per_class_falls_back_on_the_prior() -> None:
    rng = np.random.default_rng(0)
    found = hs.rank((rng.normal(size=(6, 3)), list("abcdef")), backbones=("raw",), quiet=True)
    assert found.by == "prior"
    assert found.notes[-2].startswith("each class has one sample")


def test_few_rows_and_one_class() -> None:
    rng = np.random.default_rng(0)
    few = hs.rank((rng.normal(size=(8, 3)), list("aabbaabb")), backbones=("raw",), quiet=True)
    assert any(note.startswith("only 8 independent labelled rows") for note in few.notes)
    assert few.best.predicted is not None
    low, high = few.best.predicted.low, few.best.predicted.high
    assert high - low > 0.2
    with pytest.raises(DataError, match="all 5 labelled samples are 'a'; a ranking needs at least two classes"):
        hs.rank((rng.normal(size=(5, 3)), list("aaaaa")), backbones=("raw",), quiet=True)


def test_backbones_that_see_no_difference() -> None:
    """All texts without a word of the vocabulary: features that are equal in every row."""
    found = hs.rank(([f"{row}" for row in range(40)], ["a", "b"] * 20), backbones=("tfidf",), quiet=True)
    assert found.best.predicted is not None
    assert found.best.predicted.value < 0.6


def test_limits_leave_out_with_the_reason(pictures: Dataset) -> None:
    found = hs.rank(pictures, backbones=NETS[:2], limits=Limits(params=100), quiet=True)
    assert found.skipped["conv?size=16"].endswith("the limit is 100 weights")
    known = hs.rank(pictures, backbones=("timm/convnext_base", "raw"), limits=Limits(params=1e6), quiet=True)
    assert "the limit is 1.0 million" in known.skipped["timm/convnext_base"]  # nothing was loaded
    few = hs.rank(pictures, backbones=("conv?size=16", "raw"), limits=Limits(most=1), quiet=True)
    assert "not among the 1 strongest" in next(iter(few.skipped.values()))
    quick = hs.rank(pictures, backbones=("conv?size=16",), limits=Limits(latency=60), quiet=True)
    assert quick.best.size.latency > 0


def test_own_runs_move_the_prior(pictures: Dataset) -> None:
    net, raw = hs.open_backbone("conv?size=16"), hs.open_backbone("raw", modality="image")
    names = (identity(net), identity(raw))
    runs = [Run(task=f"t{at}", backbone=name, name="", modality="image", accuracy=0.9 - 0.2 * place, n=99)
            for at in range(3) for place, name in enumerate(names)]  # fmt: skip
    before = hs.rank(pictures, backbones=NETS[:2], quiet=True)
    remember(runs, hs.Store())
    after = hs.rank(pictures, backbones=NETS[:2], quiet=True)
    moved = {place.backbone: place.strength for place in after.places}
    assert moved["conv?size=16"] > next(p.strength for p in before.places if p.backbone == "conv?size=16")
    itself = task_digest(pictures.task.classes, tuple(map(int, pictures.class_counts)))
    remember([Run(task=itself, backbone=names[1], name="", modality="image", accuracy=1.0, n=1)], hs.Store())
    again = hs.rank(pictures, backbones=NETS[:2], quiet=True)
    assert {place.backbone: place.strength for place in again.places} == moved


def test_says_what_is_wrong(pictures: Dataset) -> None:
    with pytest.raises(UnknownName, match=r"Unknown metric 'logm'\. Did you mean 'logme'"):
        hs.rank(pictures, by="logm", quiet=True)
    with pytest.raises(DataError, match="otdd compares two data sets and ranks no backbones"):
        hs.rank(pictures, by="otdd", quiet=True)
    with pytest.raises(DataError, match="rankme does not look at labels"):
        hs.rank(pictures, by="rankme", quiet=True)
    with pytest.raises(BackboneError, match="no backbone is left to rank: timm/no_such_network: "):
        hs.rank(pictures, backbones=("timm/no_such_network",), quiet=True)
    with pytest.raises(BackboneError, match=r"no backbone could be scored: conv.*leep asks what the source's own"):
        hs.rank(pictures, backbones=("conv?size=16",), by="leep", quiet=True)


def test_real_photos(shared_data: Path) -> None:
    """Networks that saw insects before must lead over the same network without any knowledge, on real photos."""
    folder = shared_data / "checkpoints"
    insects = f"timm/mobilenetv2_100?checkpoint={folder}/mobilenetv2_100.inat_insect.safetensors"
    data = hs.read(shared_data / "images" / "hymenoptera")
    found = hs.rank(data, backbones=(insects, "raw"), rows=60, quiet=True)
    assert {place.backbone for place in found.leaders} == {insects}
