"""How transferable is each layer? From data to the four curves of Yosinski et al. (NeurIPS 2014) and the probes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tqdm import tqdm

from headstart.arrays import Matrix, Vector
from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.inspection import preflight, require_learnable
from headstart.data.reading import read
from headstart.errors import DataError, UnknownName
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.jobs.opened import opened_for
from headstart.strategies.defaults import default_backbones, missing_hint
from headstart.strategies.learner import Prepared
from headstart.strategies.nulls import random_name
from headstart.strategies.recipes import Recipe, picture_recipe
from headstart.strategies.transferability.architecture import own_network, own_recipe
from headstart.strategies.transferability.blueprint import Blueprint
from headstart.strategies.transferability.experiment import Experiment, treatments
from headstart.strategies.transferability.findings import Study, cuts_of
from headstart.strategies.transferability.finished import Finished
from headstart.strategies.transferability.networks import Treatment
from headstart.strategies.transferability.probes import Probe, as_backbone, layer_rows, probes
from headstart.strategies.transferability.tasks import StudyTask, halves, study_task
from headstart.training.views.usual import usual_augmenter

VIEWS = 4
PRETRAINED_RATE = 1e-3  # gentler than for the small networks: it has to suit learning from nothing and going on


def study(
    data: Any,
    *,
    source: Any = None,
    backbone: str | Backbone | None = None,
    cuts: Sequence[str] | None = None,
    seeds: int = 3,
    views: int | None = None,
    steps: int | None = None,
    probes_only: bool = False,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    store: Store | None = None,
    progress: bool = False,
) -> Study:
    """Train AnB, BnB, AnB+ and BnB+ for every cut of a network, name the losses between them, and probe every layer.

    data      task B, or both tasks: without `source` and `backbone` its classes are dealt out to A and B
    source    task A, a labelled data set of the same kind of samples
    backbone  a pretrained network as A: its architecture is studied, its layers are what AnB copies
    cuts      layers to cut after; None: all that add weights
    seeds     how often everything is drawn anew: classes, held-out rows, weights
    views     augmented views of each row that all networks learn from (None: 4; 1 for vectors)
    steps     of every network; None: as many as learning from scratch takes by the number of rows
    probes_only   no networks, only the probes (the only choice for texts)
    text, image, label, group   columns of a table

    Each finished network is kept in the store: a study that was stopped goes on after the last one.

    Raises `DataError` for data no study can be made of, `UnknownName` for a cut that is no layer.
    """
    started = time.perf_counter()
    if seeds < 1 or (views is not None and views < 1) or (steps is not None and steps < 1):
        raise DataError(f"seeds, views and steps start at 1, got seeds={seeds}, views={views}, steps={steps}")
    if source is not None and backbone is not None:
        raise DataError("give either a source data set or a pretrained backbone as A, not both")
    store = store or Store()
    columns = {"text": text, "image": image, "label": label, "group": group}
    second = _clean(data, columns, store, progress)
    if probes_only or (backbone is None and source is None and second.modality in ("text", "audio")):
        return _probed(second, source, backbone, store, progress, started)
    first = None if source is None else _clean(source, columns, store, progress)
    if first is not None and first.modality != second.modality:
        raise DataError(
            f"A holds {first.modality} samples and B {second.modality}; layers move between data of one kind"
        )
    opened = None if backbone is None else _as_network(opened_for(second, backbone))
    made = [_Made.of(second, first, opened, seed, views=views, steps=steps) for seed in range(seeds)]
    chosen = _checked_cuts(cuts, made[0].blueprint)
    outcomes, trained = _run(made, chosen, store, progress)
    base, found = cuts_of(outcomes, chosen)
    task = made[0].second
    return Study(
        source=opened.name if opened else made[0].first.name if made[0].first else "",
        target=task.name,
        network=made[0].blueprint.backbone.name,
        seeds=seeds,
        base=base,
        cuts=found,
        probes=_probes_of(made[0], opened, store, progress),
        n_train=len(task.train),
        n_test=len(task.test),
        views=made[0].views,
        steps=made[0].recipe(len(task.train)).schedule.steps,
        trained=trained,
        reused=seeds * (len(treatments(chosen))) - trained,
        seconds=time.perf_counter() - started,
        accuracies={str(one): tuple(float(right.mean()) for right in every) for one, every in outcomes.items()},
        notes=_notes(made, seeds),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Made:
    """Tasks, architecture and recipe of one seed."""

    seed: int
    first: StudyTask | None
    second: StudyTask
    blueprint: Blueprint
    augment: Any
    views: int
    steps: int | None
    pretrained: bool

    @classmethod
    def of(
        cls, second: Dataset, first: Dataset | None, opened: NetworkBackbone | None, seed: int, *, views: int | None,
        steps: int | None,
    ) -> _Made:  # fmt: skip
        if opened is None and first is None:
            first, second = halves(second, seed=seed)
        task_a = None if first is None else study_task(first, seed=seed)
        task_b = study_task(second, seed=seed)
        if opened is None:
            tasks = [task_b] if task_a is None else [task_a, task_b]
            width = own_recipe(second, len(task_b.train)).width
            network, augment = own_network(tasks, width=width)
        else:
            network = opened
            augment = None if second.modality == "vector" else usual_augmenter(second.modality)
        many = (1 if augment is None else VIEWS) if views is None else views
        if many > 1 and augment is None:
            raise DataError("rows of numbers have no augmented views; leave views out")
        return cls(
            seed=seed, first=task_a, second=task_b, blueprint=Blueprint(network), augment=augment, views=many,
            steps=steps, pretrained=opened is not None,
        )  # fmt: skip

    def recipe(self, n: int) -> Recipe:
        dataset = self.second.dataset
        if self.pretrained and dataset.modality == "image":
            recipe = picture_recipe(n, side=224, grey=False)
            recipe = replace(recipe, schedule=replace(recipe.schedule, lr=PRETRAINED_RATE))
        else:
            recipe = own_recipe(dataset, n)
        if self.steps is None:
            return recipe
        return replace(recipe, schedule=replace(recipe.schedule, steps=self.steps))

    def experiment(self, finished: Finished) -> Experiment:
        return Experiment(
            blueprint=self.blueprint, first=self.first, second=self.second, recipe=self.recipe, seed=self.seed,
            finished=finished, augment=self.augment, views=self.views,
        )  # fmt: skip


def _run(
    made: Sequence[_Made], cuts: Sequence[str], store: Store, progress: bool
) -> tuple[dict[Treatment, list[Vector]], int]:
    """Right or wrong per treatment and seed, and how many networks had to be trained now."""
    finished = Finished(store.folder("studies"))
    every = treatments(cuts)
    correct: dict[Treatment, list[Vector]] = defaultdict(list)
    trained = 0
    with tqdm(desc="networks", total=len(made) * len(every), unit="networks", disable=not progress) as bar:
        for one in made:
            experiment = one.experiment(finished)
            for treatment in every:
                bar.set_postfix_str(f"seed {one.seed}: {treatment}")
                outcome = experiment.run(treatment)
                correct[treatment].append(outcome.correct)
                trained += not outcome.reused
                bar.update()
    return correct, trained


def _probes_of(made: _Made, opened: NetworkBackbone | None, store: Store, progress: bool) -> tuple[Probe, ...]:
    """B's rows through A's network of the first seed (which never saw them), layer by layer."""
    if opened is not None:
        return _backbone_probes(opened, made.second.dataset, store, progress)
    task = made.second
    rows = task.dataset.labelled
    samples = Prepared(task.dataset, made.blueprint.backbone)(rows)
    experiment = made.experiment(Finished(store.folder("studies")))
    trained = as_backbone(made.blueprint.backbone, experiment.base_of_a.network)
    untrained = as_backbone(made.blueprint.backbone, made.blueprint.fresh(task.n_classes, seed=made.seed))
    return probes(
        layer_rows(trained, samples), layer_rows(untrained, samples), task.dataset.labels[rows],
        groups=_groups(task.dataset),
    )  # fmt: skip


def _backbone_probes(backbone: Backbone, dataset: Dataset, store: Store, progress: bool) -> tuple[Probe, ...]:
    labelled = dataset.take(dataset.labelled)

    def rows_of(network: Backbone) -> dict[str, Matrix]:
        found = extract(labelled, network, layers=network.layers, store=store, progress=progress)
        return {layer: features.X for layer, features in found.items()}

    twin = random_name(backbone) if isinstance(backbone, NetworkBackbone) else None
    untrained = None if twin is None else rows_of(open_backbone(twin[0], **{**twin[1], "seed": 0}))
    return probes(rows_of(backbone), untrained, labelled.labels, groups=_groups(labelled))


def _probed(
    dataset: Dataset, source: Any, backbone: str | Backbone | None, store: Store, progress: bool, started: float
) -> Study:
    """A study without networks."""
    if source is not None:
        raise DataError("probes read a pretrained backbone; to study layers learned on a source, train the networks")
    if backbone is None:
        ready = default_backbones(dataset.modality)
        if not ready:
            raise DataError(f"no backbone stands ready to be probed: {missing_hint(dataset.modality)}")
        backbone = ready[0]
    opened = opened_for(dataset, backbone)
    if opened.sparse or opened.learned_from is not None or len(opened.layers) < 2:
        raise DataError(f"backbone '{opened.name}' has no inner layers to probe; give a network, e.g. timm/resnet18")
    only_probes = ("the four networks were not trained: the probes say where to cut, not what a cut costs",)
    return Study(
        source=opened.name,
        target=f"{dataset.domain.name or 'data'}: {dataset.task}",
        network=opened.name,
        seeds=0,
        base=None,
        cuts=(),
        probes=_backbone_probes(opened, dataset, store, progress),
        n_train=len(dataset.labelled),
        n_test=0,
        views=1,
        steps=0,
        trained=0,
        reused=0,
        seconds=time.perf_counter() - started,
        notes=only_probes,
    )


def _clean(data: Any, columns: dict[str, str | None], store: Store, progress: bool) -> Dataset:
    dataset = data if isinstance(data, Dataset) else read(data, **columns)  # type: ignore[arg-type]
    clean = preflight(dataset, known=store.memo("preflight"), progress=progress).dataset
    require_learnable(clean)
    return clean


def _as_network(backbone: Backbone) -> NetworkBackbone:
    if not isinstance(backbone, NetworkBackbone) or backbone.modality not in ("image", "vector"):
        raise DataError(
            f"the four networks need a network for pictures or vectors that can learn; '{backbone.name}' is none. "
            "The probes alone (--probes) read any network"
        )
    return backbone


def _checked_cuts(cuts: Sequence[str] | None, blueprint: Blueprint) -> tuple[str, ...]:
    """From input to output. Raises `UnknownName`, and `DataError` for none."""
    if cuts is None:
        return blueprint.cuts()
    if not cuts:
        raise DataError("no cut is given; leave cuts out for all, or take the probes alone (--probes)")
    for layer in cuts:
        if layer not in blueprint.layers:
            raise UnknownName(f"layer of '{blueprint.backbone.name}'", layer, blueprint.layers)
    return tuple(layer for layer in blueprint.layers if layer in cuts)


def _groups(dataset: Dataset) -> tuple[str, ...] | None:
    return None if dataset.groups is None else tuple(dataset.groups[row] for row in dataset.labelled)


def _notes(made: Sequence[_Made], seeds: int) -> tuple[str, ...]:
    notes = []
    if seeds == 1:
        notes.append("one seed: intervals are over held-out rows and say nothing of chance in training")
    if made[0].first is not None and made[0].second.dataset.domain == made[0].first.dataset.domain:
        notes.append("classes are dealt out to A and B anew for every seed; those named are the first seed's")
    return tuple(notes)
