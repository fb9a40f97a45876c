"""The main job: from data to a model that works, with the proof that it beats learning from scratch."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.inspection import Preflight, preflight, require_learnable
from headstart.data.reading import read
from headstart.data.splitting import split
from headstart.errors import DataError
from headstart.features.store import Store
from headstart.jobs.executing import certified, orders_of
from headstart.jobs.finetuning import architecture_entries, check_request, tuned_entries
from headstart.jobs.finished_runs import finished_runs
from headstart.jobs.gathering import gather
from headstart.jobs.opened import opened_for
from headstart.jobs.result import Result
from headstart.models.folder import is_model, load
from headstart.models.model import Model
from headstart.planning.plan import Plan
from headstart.reports.card import model_card
from headstart.reports.page import render
from headstart.results import to_plain
from headstart.selection.record import remember
from headstart.stats.calibration import fit_temperature, succession
from headstart.strategies import nulls
from headstart.strategies.choosing import choose
from headstart.strategies.defaults import default_backbones, missing_hint
from headstart.strategies.feature_extraction import evaluate_backbone
from headstart.strategies.findings import Findings
from headstart.strategies.fine_tuning import fine_tuned
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.mixture import mixture_of
from headstart.strategies.source_network import source_network
from headstart.strategies.tuning.names import MixName, StrategyName
from headstart.strategies.tuning.recipe import FILE as RECIPE_FILE
from headstart.strategies.tuning.recipe import TuningRecipe, read_recipe
from headstart.strategies.tuning.request import Request

Columns: TypeAlias = dict[str, str | None]  # role (text, image, label, group) → column of a table


@dataclass
class Stopwatch:
    """Seconds per phase, for the cost table."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def transfer(
    target: Any,
    *,
    source: Any = None,
    backbones: Sequence[str | Backbone] | None = None,
    layers: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    test: float = 0.25,
    scratch: bool = True,
    strategy: StrategyName = "auto",
    move: str | None = None,
    epochs: int | None = None,
    budget: float | None = None,
    recipe: str | Path | TuningRecipe | None = None,
    plan: str | Path | Plan | None = None,
    mix: MixName = "auto",
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
    quiet: bool = False,
    command: str = "",
) -> Result:
    """Find what transfers best to `target`, prove it on held-out rows, and return the model with its report.

    target     anything `read` takes: a folder, a table, arrays, or a Dataset
    source     where knowledge comes from, beside `backbones`: a labelled data set (a network is trained on it, once)
               or a saved model folder
    backbones  names for `open_backbone`, or backbones; None: those that stand ready on this machine
    layers     one set of layers to take together; None: the last one, and all of them concatenated
    heads      names to choose from; None: all that suit
    text, image, label, group   columns of a table
    test       share of rows held out, where the data brings no split of its own
    scratch    whether to train the from-scratch baseline
    strategy   "auto", "frozen", "finetune", "scratch" or "architecture" (see `strategies.tuning.request`)
    move       what may move in fine-tuning: head, last2, all, norms, bias, first, lora, or the layer to train above
    epochs     rounds of fine-tuning through the training rows; None: their number decides
    budget     seconds for fine-tuning; without one, "auto" fine-tunes no network and "finetune" takes what it takes
    recipe     how to fine-tune, from an earlier run: a model folder, or a recipe
    plan       from `headstart.plan`, or its file: what it says is done, beside the baselines, and nothing else
    mix        "auto": strategies may answer together where that is credibly better on the folds (`strategies.mixture`),
               unless one alone was asked for; "never"
    store      where frozen values are kept; None: the user's own store
    quiet      do not print the comparison

    Everything is scored on the same folds of the training rows; the cheapest entry within one standard error of the
    best is kept, unless a null baseline is better. With a plan what was planned is kept, unless something else is
    ahead of it on the folds. The held-out rows choose nothing. Same inputs and seed, same result.

    Raises `DataError` for data that nothing can be learned from, `BackboneError` for networks that do not open,
    `TrainingError` where fine-tuning was asked for and cannot be done, `PlanError` where a plan does not fit.
    """
    orders = None
    if plan is not None:
        beside = {"source": source, "backbones": backbones, "layers": layers, "strategy": strategy != "auto",
                  "move": move, "epochs": epochs, "budget": budget, "recipe": recipe}  # fmt: skip
        orders = orders_of(plan, beside)
        strategy, layers, move, epochs = orders.strategy, orders.layers, orders.move, orders.epochs
        test, seed = orders.settled(test=test, seed=seed)
    request = Request(
        strategy=strategy, move=move, epochs=epochs, budget=budget,
        recipe=read_recipe(recipe) if isinstance(recipe, str | Path) else recipe, mix=mix,
    )  # fmt: skip
    watch = Stopwatch()
    store = store or Store()
    with watch.phase("reading and preflight"):
        columns: Columns = {"text": text, "image": image, "label": label, "group": group}
        columns = columns if orders is None else orders.columns(columns)
        checked = checked_target(target, columns, store=store, progress=progress)
        ground = Ground(checked.dataset, split(checked.dataset, test=test, seed=seed), seed)
    notes: list[str] = [] if orders is None else orders.notes(ground)
    entries: list[Evaluated] = []
    if orders is not None:
        backbones = orders.backbones(ground.dataset)
    named = default_backbones(ground.dataset.modality) if backbones is None else backbones
    if not named and source is None and orders is None:
        notes.append(f"nothing to transfer from: {missing_hint(ground.dataset.modality)}")
    opened = [opened_for(ground.dataset, backbone) for backbone in named]
    lent = [opened_for(ground.dataset, f"model/{source}")] if is_model_folder(source) else []
    check_request(request, [*lent, *opened], ground)
    if source is not None and request.transfers:
        with watch.phase("source"):
            entries += source_entries(
                ground,
                source,
                columns,
                layers=layers,
                heads=heads,
                tune=strategy != "frozen",
                store=store,
                progress=progress,
            )
    if request.transfers:
        with watch.phase("candidates"):
            for backbone in opened:
                entries += evaluate_backbone(
                    ground, backbone, store=store, layers=layers, heads=heads, progress=progress
                )
    networks = [*opened, *(entry.map.backbone for entry in entries if entry.map)]
    with watch.phase("fine-tuning"):
        tuned = tuned_entries(ground, [*lent, *opened], entries, request, store=store, progress=progress)
    if strategy == "architecture":
        with watch.phase("null baselines"):
            tuned = architecture_entries(ground, [*lent, *opened], request, store=store, progress=progress)
    entries, notes = [*entries, *tuned.entries], [*notes, *tuned.notes]
    with watch.phase("null baselines"):
        entries += null_entries(ground, networks, scratch=scratch, store=store, progress=progress)
    kept, reason = (choose(entries), "") if orders is None else orders.deliver(entries)
    mixed = mixture_of(kept, entries, ground) if request.mixes else None
    if mixed is not None and (orders is None or orders.allows(mixed)):
        kept, entries = mixed, [*entries, mixed]
    model = model_of(kept, ground, columns)
    remember(finished_runs(ground, entries, opened), store)
    with watch.phase("report"):
        findings = gather(kept, entries, model, checked, ground, source=source, notes=notes, costs=watch.seconds,
                          command=command)  # fmt: skip
        findings = replace(findings, certificate=certified(kept, entries, ground, orders, reason))
        pages = pages_of(findings, kept, license=model.license)
    result = Result(replace(model, findings=to_plain(findings), pages=pages), findings)
    if not quiet:
        sys.stdout.write(f"{result}\n")
    return result


def pages_of(findings: Findings, kept: Evaluated, *, license: str) -> dict[str, str]:
    """What is laid beside the model: card, report, and the recipe where it was fine-tuned."""
    pages = {"README.md": model_card(findings, license=license), "report.html": render(findings)}
    if kept.training is not None:
        pages[RECIPE_FILE] = json.dumps(kept.training.recipe, indent=1) + "\n"
    return pages


def is_model_folder(source: Any) -> bool:
    """Whether a source is a saved model, whose backbone is then a candidate like any other."""
    return isinstance(source, str | Path) and is_model(source)


def checked_target(target: Any, columns: Columns, *, store: Store, progress: bool) -> Preflight:
    """The target read, every sample looked at once, and fit to learn from."""
    dataset = target if isinstance(target, Dataset) else read(target, **columns)  # type: ignore[arg-type]
    checked = preflight(dataset, known=store.memo("preflight"), progress=progress)
    require_learnable(checked.dataset)
    return checked


def source_entries(
    ground: Ground, source: Any, columns: Columns, *, layers: Sequence[str] | None, heads: Sequence[str] | None,
    tune: bool, store: Store, progress: bool,
) -> list[Evaluated]:  # fmt: skip
    """A source as candidates: its layers, fine-tuning from its weights, and itself where it knows the classes."""
    if is_model_folder(source):
        backbone = opened_for(ground.dataset, f"model/{source}")
        entries = evaluate_backbone(ground, backbone, layers=layers, store=store, heads=heads, progress=progress)
        as_it_is = nulls.model_as_it_is(ground, load(source), name=Path(source).name, store=store)
        return [*entries, *([as_it_is] if as_it_is else [])]
    is_table = isinstance(source, str | Path) and Path(source).is_file()
    named: Columns = {**columns, "group": None} if is_table else {}
    dataset = source if isinstance(source, Dataset) else read(source, **named)  # type: ignore[arg-type]
    if dataset.modality != ground.dataset.modality:
        raise DataError(
            f"the source holds {dataset.modality} samples and the target {ground.dataset.modality}; "
            "knowledge moves between data of one kind"
        )
    clean = preflight(dataset, known=store.memo("preflight"), progress=progress).dataset
    require_learnable(clean)
    network = source_network(clean, root=store.folder("networks"), seed=ground.seed, progress=progress)
    entries = evaluate_backbone(ground, network.backbone, layers=layers, store=store, heads=heads, progress=progress)
    tuned = fine_tuned(ground, network, progress=progress) if tune else None
    others = (tuned, nulls.source_only(ground, network))
    return [*entries, *(entry for entry in others if entry)]


def null_entries(
    ground: Ground, networks: Sequence[Backbone], *, scratch: bool, store: Store, progress: bool
) -> list[Evaluated]:
    """What every transfer has to beat; the untrained network is the first candidate's own architecture."""
    entries = [nulls.majority(ground), nulls.raw_input(ground, store=store, progress=progress)]
    untrained = nulls.untrained_twin(networks, ground)
    if untrained is not None:
        entries.append(nulls.random_weights(ground, untrained, store=store, progress=progress))
    if scratch:
        entries.append(nulls.from_scratch(ground, progress=progress))
    return entries


def model_of(kept: Evaluated, ground: Ground, columns: Columns) -> Model:
    """The kept entry as a model, its probabilities calibrated on the out-of-fold predictions of the training rows."""
    if not kept.parts:
        raise DataError("nothing did better than always answering the most frequent class; collect more labels")
    scored = ~(kept.validation != kept.validation).any(axis=1)
    labels = ground.labels[ground.train]
    smoothing = succession(int(scored.sum()), ground.n_classes)
    temperature = fit_temperature(kept.validation[scored], labels[scored], smoothing=smoothing)
    sample_columns = {role: name for role, name in columns.items() if name and role in ("text", "image")}
    return Model(kept.parts, ground.dataset.task, ground.dataset.domain, temperature, sample_columns)
