"""The exhaustive grid of `regret.py`: every cell fitted, tested, and kept, so that a run that was stopped goes on.

A cell is a strategy on a backbone at given layers. Frozen cells take a ridge head with its penalty by leave-one-out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from regret_tasks import Target

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.data.splitting import split
from headstart.errors import DataError
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.heads.ridge import Ridge
from headstart.models.feature_map import FeatureMap
from headstart.planning.left_out import left_out
from headstart.planning.plan import backbone_in_words
from headstart.planning.tuned import recipe_of
from headstart.selection import METRICS
from headstart.selection.labelled import LabelledFeatures
from headstart.strategies.feature_extraction import layer_sets, narrow_enough
from headstart.strategies.ground import Ground
from headstart.strategies.scratch import Scratch
from headstart.strategies.tuning.entry import evaluate_tuning

# Draws of the rows per number of labels per class (None: all labels): the fewer labels, the more luck in one draw.
DRAWS: dict[int | None, int] = {1: 10, 5: 5, 20: 3, None: 2}
SCORES = ("logme", "hscore")
Record = dict[str, Any]


def sizes_of(draw: int) -> tuple[tuple[int | None, int], ...]:
    """The cases of one draw: labels per class, and the draw."""
    return tuple((per_class, draw) for per_class, draws in DRAWS.items() if draw < draws)


@dataclass
class Book:
    """Records, one a line, appended as they are made; `tried` are not made again."""

    path: Path
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path.exists():
            self.records = [json.loads(line) for line in self.path.read_text().splitlines() if line.strip()]

    @property
    def tried(self) -> set[tuple[str, int, int, str]]:
        return {(r["task"], r["n"], r["draw"], r["cell"]) for r in self.records}

    def add(self, record: Record) -> None:
        self.records.append(record)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")


def label(backbone: Backbone) -> str:
    """A backbone's name without its kind, its checkpoint's where it has one."""
    return shown(backbone.describe()["name"], backbone.describe()["options"])


def shown(name: str, options: Any) -> str:
    """The same from what a plan says of a backbone."""
    return "source network" if "trained on" in name else Path(backbone_in_words(name, options)).name


def cell_name(strategy: str, backbone: str = "", layers: tuple[str, ...] = (), move: str = "") -> str:
    where = layers[0] if len(layers) == 1 else f"{layers[0]}…{layers[-1]}" if layers else ""
    return "|".join((strategy, backbone, where, move))


def ground_of(target: Target, per_class: int | None, draw: int) -> Ground:
    data = target.draw(per_class, draw)
    return Ground(data, split(data))


def record(target: Target, n: int | None, draw: int, cell: str, right: np.ndarray, **values: Any) -> Record:
    return {
        "task": target.name, "modality": target.modality, "n": n or 0, "draw": draw, "cell": cell,
        "accuracy": float(np.mean(right)), "right": packed(right), "tested": packed(target.tested(draw)),
        "pool": len(target.pool), **values,
    }  # fmt: skip


def packed(values: np.ndarray) -> str:
    return np.packbits(values.astype(bool)).tobytes().hex()


def unpacked(text: str, count: int) -> np.ndarray:
    return np.unpackbits(np.frombuffer(bytes.fromhex(text), dtype=np.uint8))[:count].astype(float)


def right_of(record: Record) -> np.ndarray:
    """Right (1) or wrong (0) for every row of the task's pool, NaN where the draw did not test on it."""
    tested = unpacked(record["tested"], record["pool"])
    found = np.full(record["pool"], np.nan)
    found[tested == 1] = unpacked(record["right"], int(tested.sum()))
    return found


def frozen_cells(target: Target, backbones: list[Backbone], book: Book, store: Store, draw: int) -> None:
    """Every layer of every backbone, and all layers together, at every size; features come from the store."""
    everything, tried = target.dataset.take(target.pool), book.tried
    modality = target.dataset.modality
    raw = open_backbone("raw", modality=modality)
    for backbone in (*backbones, raw):
        strategy = "target only" if backbone is raw else "frozen"
        name = "" if backbone is raw else label(backbone)
        blocks = extract(everything, backbone, layers=backbone.layers, store=store)
        place = {id_: row for row, id_ in enumerate(everything.ids)}
        alone = [(layer,) for layer in backbone.layers]
        groups = narrow_enough(list(dict.fromkeys([*alone, *layer_sets(backbone)])), blocks)
        for per_class, _ in sizes_of(draw):
            data = target.draw(per_class, draw)
            rows = np.array([place[id_] for id_ in data.ids])
            train = np.array([part == "train" for part in data.parts or ()])
            for group in groups:
                cell = cell_name(strategy, name, () if backbone is raw else group)
                if (target.name, per_class or 0, draw, cell) in tried:
                    continue
                started = time.process_time()
                X = FeatureMap(backbone, group).scaled_on(blocks, rows[train]).joined(blocks)[rows]
                labels = data.labels
                head = Ridge().fit(X[train], labels[train])
                right = head.predict(X[~train]) == labels[~train]
                scores = scores_of(X[train], labels[train], data.task.n_classes)
                book.add(record(target, per_class, draw, cell, right, seconds=time.process_time() - started,
                                passes=int(train.sum()), **scores))  # fmt: skip


def scores_of(X: Any, labels: np.ndarray, n_classes: int) -> dict[str, float | None]:
    """What rankings go by, from the training rows alone; None where a score needs two rows of a class."""
    word = left_out(X, labels)
    score = word.score()
    found: dict[str, float | None] = {"loo": score.value if score else None, "r2": word.r2 if score else None}
    for name in SCORES:
        try:
            found[name] = float(METRICS[name]().measure(LabelledFeatures.of(X, labels)).value)
        except DataError:
            found[name] = None
    return found


def scratch_cells(target: Target, book: Book, sizes: Sequence[tuple[int | None, int]]) -> None:
    """Learning from the target alone: a small network, for texts tf-idf and logistic regression."""
    for per_class, draw in sizes:
        cell = cell_name("scratch")
        if (target.name, per_class or 0, draw, cell) in book.tried:
            continue
        ground = ground_of(target, per_class, draw)
        started = time.process_time()
        run = Scratch(ground.dataset)
        proba = run.fit(ground.train, ground.n_classes).proba(ground.test)
        recipe = run.learner.recipe(len(ground.train))
        steps = 0 if recipe is None else 3 * recipe.schedule.steps * recipe.schedule.batch_size
        right = proba.argmax(axis=1) == ground.labels[ground.test]
        book.add(record(target, per_class, draw, cell, right, seconds=time.process_time() - started, passes=steps))


def tuned_cells(
    target: Target, backbone: NetworkBackbone, move: str, book: Book, sizes: Sequence[tuple[int | None, int]],
    store: Store,
) -> None:  # fmt: skip
    """Fine-tuning from the ridge head on, stopped by one validation fold; pictures are not augmented (one view)."""
    for per_class, draw in sizes:
        cell = cell_name("finetune", label(backbone), (), move)
        if (target.name, per_class or 0, draw, cell) in book.tried:
            continue
        ground = ground_of(target, per_class, draw)
        recipe = replace(recipe_of(ground, move), views=1)
        started = time.process_time()
        entry = evaluate_tuning(ground, backbone, recipe, store=store, folds=1)
        steps = 3 * recipe.steps(len(ground.train)) * recipe.batch_size + len(ground.train)
        book.add(record(target, per_class, draw, cell, entry.correct_in_test(ground),
                        seconds=time.process_time() - started, passes=steps))  # fmt: skip


def networks(backbones: list[Backbone]) -> list[NetworkBackbone]:
    """Those whose weights are pretrained."""
    return [each for each in backbones if isinstance(each, NetworkBackbone) and not each.name.startswith("random")]
