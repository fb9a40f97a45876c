"""The source network: trained on a labelled source data set, stored by content, never trained twice."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

import headstart
from headstart.arrays import Matrix
from headstart.backbones.backbone import Backbone
from headstart.backbones.description import Described
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.errors import DataError, HeadstartError, StoreError
from headstart.features.finished import mark_used
from headstart.heads.logistic import Logistic
from headstart.heads.packing import pack, unpack
from headstart.problem import Task
from headstart.strategies.learner import Learned, Prepared, linear_head, proba_of
from headstart.strategies.recipes import Recipe
from headstart.strategies.scratch import Scratch, check_learnable
from headstart.training.checkpoint import Checkpoint, under, write_atomically

log = logging.getLogger(__name__)

FORMAT = 2  # 2: standardised columns are held within a limit
CHECKPOINT_EVERY = 100  # steps


@dataclass(frozen=True, eq=False)
class SourceNetwork:
    """What the source taught: a backbone whose layers are candidates, and a head that knows the source's classes.

    seconds  that training took, when it was done
    reused   found in the store: nothing was trained now
    """

    backbone: Backbone
    task: Task
    head: Logistic
    seconds: float
    reused: bool

    def proba(self, dataset: Dataset) -> Matrix:
        """Probabilities of the source's classes for samples of any labels; (n, C) float64."""
        if dataset.modality != self.backbone.modality:
            raise DataError(f"the source network reads {self.backbone.modality} samples; these are {dataset.modality}")
        samples = Prepared(dataset, self.backbone)(np.arange(len(dataset)))
        return proba_of(Learned(self.backbone, self.head), samples, self.task.n_classes)

    def head_for(self, task: Task) -> Logistic:
        """The head in another task's codes, its classes alone. Raises `DataError` for a class it does not know."""
        codes = self.task.codes_of(task)
        known = {int(code): column for column, code in enumerate(self.head.classes_)}
        unknown = [name for name, code in zip(task.classes, codes, strict=True) if code not in known]
        if unknown:
            raise DataError(f"the source network does not know {', '.join(unknown)}; it knows {self.task}")
        columns = [known[code] for code in codes]
        return linear_head(self.head.coef_[:, columns], self.head.intercept_[columns], self.head.temperature_)


def source_network(
    source: Dataset, *, root: Path, seed: int = 0, recipe: Recipe | None = None, progress: bool = False
) -> SourceNetwork:
    """Train a network on the labelled rows of `source`, or take it from `root` where it was trained before.

    Stored in `root/<digest>/`; the digest names samples, labels, class names, recipe, architecture, seed and format,
    and neither paths nor the order of rows. A run that was stopped (Ctrl-C, kill -9) goes on from its last checkpoint
    and ends with the same bits.

    Raises `DataError` for a source that cannot be learned from, `TrainingError` when training diverges, `StoreError`
    when `root` cannot be written to.
    """
    source = in_order_of_content(source)
    check_learnable(source.labels, source.task.n_classes)
    scratch = Scratch(source, seed=seed, recipe=recipe, progress=progress)
    name = digest_of(source, scratch)
    folder = root / name
    stored = load(folder, source)
    if stored is not None:
        return stored
    started = time.perf_counter()
    checkpoint = Checkpoint(folder / "run", run=name, every=CHECKPOINT_EVERY)
    learned = scratch.fit(np.arange(len(source)), source.task.n_classes, checkpoint=checkpoint)
    try:
        store(learned, source, folder, seconds=time.perf_counter() - started)
    except OSError as cause:
        raise StoreError(f"the source network cannot be stored in {folder}: {cause}; make room there") from cause
    shutil.rmtree(folder / "run", ignore_errors=True)
    done = load(folder, source)
    assert done is not None, "what was just stored must load"
    return replace(done, reused=False)


def in_order_of_content(source: Dataset) -> Dataset:
    """The labelled rows, sorted by content and label: what is learned does not depend on how they were listed."""
    labelled = source.take(source.labelled)
    digests = labelled.digests or tuple(digest(item) for item in labelled.items)
    order = sorted(range(len(labelled)), key=lambda row: (digests[row], labelled.labels[row]))
    return replace(labelled, digests=digests).take(order)


def digest_of(source: Dataset, scratch: Scratch) -> str:
    """Hex digest of everything that decides what a source network will be."""
    learner = scratch.learner
    recipe = scratch.recipe or learner.recipe(len(source))
    about = {
        "format": FORMAT,
        "classes": source.task.classes,
        "architecture": learner.architecture,
        "recipe": None if recipe is None else asdict(recipe),
        "seed": scratch.seed,
    }
    hashed = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for content, label in zip(source.digests or (), source.labels.tolist(), strict=True):
        hashed.update(content + b"%d;" % label)
    return hashed.hexdigest()


def store(learned: Learned, source: Dataset, folder: Path, *, seconds: float) -> None:
    """Weights first, the description last: a folder with a description is whole."""
    head, arrays = pack(learned.head)
    tensors = {f"backbone/{name}": tensor.contiguous() for name, tensor in learned.backbone.state().items()}
    tensors |= {f"head/{name}": torch.from_numpy(array) for name, array in arrays.items()}
    about = {
        "format": FORMAT,
        "made_with": headstart.__version__,
        "source": source.domain.name,
        "classes": source.task.classes,
        "backbone": learned.backbone.describe(),
        "head": head,
        "checksum": fingerprint(tensors, {}),
        "seconds": seconds,
        "history": learned.history,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "weights.safetensors", save(tensors))
    write_atomically(folder / "network.json", json.dumps(about, indent=1).encode())


def load(folder: Path, source: Dataset) -> SourceNetwork | None:
    """The stored network, None where there is none; one that is damaged is announced and trained again."""
    file = folder / "network.json"
    if not file.exists():
        return None
    try:
        mark_used(folder)
        return _opened(json.loads(file.read_text(encoding="utf-8")), folder, source)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError, HeadstartError) as cause:
        log.warning("the stored source network in %s is damaged and will be trained again: %s", folder, cause)
        return None


def _opened(about: Mapping[str, Any], folder: Path, source: Dataset) -> SourceNetwork:
    tensors = load_file(folder / "weights.safetensors")
    if about["checksum"] != fingerprint(tensors, {}):
        raise StoreError("its weights are not those that were stored")
    described = about["backbone"]
    empty = open_backbone(described["architecture"], **described["architecture_options"])
    state = under("backbone/", tensors)
    backbone = empty.with_state(state) if state else empty
    head = unpack(about["head"], {name: tensor.numpy() for name, tensor in under("head/", tensors).items()})
    assert isinstance(backbone, Described)
    assert isinstance(head, Logistic)
    named = backbone.named(f"{described['name']} trained on {source.domain.name or 'the source'}", reopens=False)
    named.license = "own (trained here)"
    return SourceNetwork(named, Task(tuple(about["classes"])), head, seconds=about["seconds"], reused=True)
