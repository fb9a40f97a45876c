"""Fine-tuning as a strategy of a transfer run: candidates beside the others, refused early, left out with a word."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import headstart as hs
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.data.splitting import split
from headstart.errors import DataError, TrainingError, UnknownName
from headstart.features.store import Store
from headstart.jobs.finetuning import architecture_entries, check_request, tuned_entries
from headstart.jobs.transferring import transfer
from headstart.models.folder import load
from headstart.problem import Domain, Task
from headstart.strategies.ground import Ground
from headstart.strategies.tuning.recipe import TuningRecipe, read_recipe
from headstart.strategies.tuning.request import Request

QUICK = TuningRecipe(move="all", epochs=12, lr=1e-2, decay=1.0, views=1)


@pytest.fixture(scope="module")
def target() -> Dataset:
    """The sign of a product: linear on no features that know nothing of it."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 6)).astype(np.float32)
    labels = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    return Dataset(Domain("vector", "product"), Task(("no", "yes")), VectorRows(X), labels, tuple(map(str, range(400))))


@pytest.fixture(scope="module")
def network():
    return open_backbone("mlp", inputs=6, width=16)


@pytest.fixture(scope="module")
def result(target, network, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    return transfer(
        target, backbones=[network], strategy="finetune", recipe=QUICK, scratch=False, store=store, quiet=True
    )


def test_the_fine_tuned_network_is_chosen_saved_and_loaded(result, target, tmp_path: Path) -> None:
    assert result.findings.chosen.kind == "fine-tuned"
    folder = result.save(tmp_path / "model")
    assert np.array_equal(load(folder).proba(target), result.model.proba(target))
    assert read_recipe(folder) == QUICK
    training = json.loads((folder / "findings.json").read_text())["trainings"][0]
    assert training["frozen"] and training["kept"] > 0


def test_its_recipe_and_its_network_serve_another_task(result, target, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "model")
    again = transfer(target, source=folder, strategy="finetune", recipe=folder, scratch=False,
                     store=Store(tmp_path / "store"), quiet=True)  # fmt: skip
    assert any(entry.kind == "fine-tuned" and "model/" in entry.name for entry in again.findings.entries)
    assert again.findings.trainings[0].recipe["lr"] == QUICK.lr


def test_plain_transfer_tunes_nothing_and_says_how(target, network, tmp_path: Path) -> None:
    findings = transfer(target, backbones=[network], scratch=False, store=Store(tmp_path), quiet=True).findings
    assert not findings.trainings
    assert any("--strategy finetune" in note for note in findings.notes)


def test_strategies_compare_what_they_say(target, network, tmp_path: Path) -> None:
    def kinds(strategy: str, **options) -> set[str]:
        found = transfer(
            target, backbones=[network], strategy=strategy, scratch=False, store=Store(tmp_path), quiet=True, **options
        )
        return {entry.kind for entry in found.findings.entries}

    assert "frozen features" in kinds("frozen")
    assert not {"frozen features", "fine-tuned"} & kinds("scratch")
    architecture = kinds("architecture", recipe=replace(QUICK, epochs=2))
    assert "from scratch" in architecture and not {"frozen features", "fine-tuned"} & architecture


def test_what_cannot_be_done_is_said_before_anything_is_computed(target, network, tmp_path: Path) -> None:
    def ask(backbone, **options) -> None:
        transfer(target, backbones=[backbone], strategy="finetune", store=Store(tmp_path / "s"), quiet=True, **options)

    with pytest.raises(UnknownName, match="Did you mean 'layer1'"):
        ask(network, move="layer7")
    with pytest.raises(TrainingError, match="no network to fine-tune"):
        ask(open_backbone("raw", modality="vector"))
    assert not (tmp_path / "s" / "features").exists()


def test_a_run_that_diverges_is_an_error_alone_and_a_note_beside_others(target, network, tmp_path: Path) -> None:
    wild = TuningRecipe(move="all", epochs=12, lr=1e12, optimizer="sgd", views=1)
    ground = ground_of(target)
    request, store = Request(strategy="finetune", recipe=wild), Store(tmp_path)
    with pytest.raises(TrainingError, match="learning rate"):
        tuned_entries(ground, [network], (), request, store=store)
    both = tuned_entries(ground, [network, open_backbone("mlp", inputs=6, width=8)], (), request, store=store)
    assert not both.entries and len(both.notes) == 2 and "left out" in both.notes[0]


def test_a_budget_that_buys_nothing_is_a_note(target, network, tmp_path: Path) -> None:
    found = tuned_entries(
        ground_of(target), [network], (), Request(strategy="finetune", budget=1e-3), store=Store(tmp_path)
    )
    assert not found.entries and "too small" in found.notes[0]


def test_what_has_no_architecture_is_said(target, tmp_path: Path) -> None:
    found = architecture_entries(
        ground_of(target), [open_backbone("raw", modality="vector")], Request(strategy="architecture"),
        store=Store(tmp_path),
    )  # fmt: skip
    assert not found.entries and "no architecture" in found.notes[0]
    check_request(Request(), [], ground_of(target))  # nothing was asked for


def test_a_recipe_with_additions_is_followed_and_its_runs_are_listed(target, network, tmp_path: Path) -> None:
    recipe = replace(QUICK, epochs=4, unfreeze=0.5, rates="relative", mixup=0.2, average=0.9, accumulate=2)
    request, store = Request(strategy="finetune", recipe=recipe), Store(tmp_path / "store")
    (entry,) = tuned_entries(ground_of(target), [network], [], request, store=store).entries
    training = entry.training
    assert TuningRecipe.from_json(training.recipe) == recipe and training.recipe["average"] == 0.9
    (runs,) = [runs for runs in store.list().runs if runs.kind == "tuned"]
    assert runs.count == training.fits + 1


def test_a_recipe_that_suits_no_network_is_refused_before_anything_is_computed(target, network) -> None:
    holding = Request(strategy="finetune", recipe=replace(QUICK, regulariser="co-tuning"))
    knowing = open_backbone("mlp", inputs=6, width=16)
    knowing.classifier = torch.nn.Linear(16, 3)
    ground = ground_of(target)
    with pytest.raises(TrainingError, match="needs the head of the source task"):
        check_request(holding, [network], ground)
    check_request(holding, [network, knowing], ground)  # one of them can
    with pytest.raises(DataError, match="cutmix cuts pictures"):
        check_request(Request(strategy="finetune", recipe=replace(QUICK, cutmix=1.0)), [network, knowing], ground)


def test_photos_above_a_stored_boundary(shared_data: Path, tmp_path: Path) -> None:
    """MobileNetV2 on a few real photos: it runs from the stored activations, and the model is whole."""
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm is not installed: pip install 'headstart[vision]'")
    weights = shared_data / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = open_backbone(
        "timm/mobilenetv2_100", checkpoint=str(weights), pad_type="same", bn_eps=1e-3, input_size=128
    )
    folder = shared_data / "images" / "hymenoptera" / "train"
    files = [file for name in ("ants", "bees") for file in sorted((folder / name).iterdir())[:16]]
    photos = hs.read(([str(file) for file in files], [file.parent.name for file in files]), modality="image")
    result = transfer(
        photos, backbones=[backbone], strategy="finetune", move="last1", epochs=2, scratch=False,
        store=Store(tmp_path / "store"), quiet=True,
    )  # fmt: skip
    training = result.findings.trainings[0]
    assert training.boundary == "blocks.6" and training.avoided > training.passes > 0
    tuned = next(entry for entry in result.findings.entries if entry.kind == "fine-tuned")
    frozen = next(entry for entry in result.findings.entries if entry.kind == "frozen features")
    assert tuned.held_out.value >= frozen.held_out.value - 0.1


def ground_of(dataset: Dataset) -> Ground:
    return Ground(dataset, split(dataset, folds=2))
