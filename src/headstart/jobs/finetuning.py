"""Fine-tuned networks, and their architectures from random weights, as candidates of a transfer run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.errors import TrainingError
from headstart.features.store import Store
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.nulls import untrained_twin
from headstart.strategies.tuning.budget import afford, affords_trials
from headstart.strategies.tuning.entry import evaluate_tuning
from headstart.strategies.tuning.fitness import check_fits
from headstart.strategies.tuning.recipe import TuningRecipe, from_nothing
from headstart.strategies.tuning.request import Request
from headstart.strategies.tuning.trial import tuners_on
from headstart.training.moving import moving


@dataclass(frozen=True)
class Tuned:
    """Candidates, and what a reader should know of those that were left out."""

    entries: tuple[Evaluated, ...] = ()
    notes: tuple[str, ...] = field(default=())


def check_request(request: Request, networks: Sequence[Backbone], ground: Ground) -> None:
    """Raise before anything is computed: `UnknownName` for a layer that no network has, `TrainingError` where there is
    no network at all, nothing in it would move, or the recipe suits none, `DataError` for samples it cannot mix."""
    if not request.tunes:
        return
    tunable = [network for network in networks if isinstance(network, NetworkBackbone)]
    if not tunable and request.strategy == "finetune":
        names = ", ".join(network.name for network in networks) or "none"
        raise TrainingError(
            f"there is no network to fine-tune (backbones: {names}); name one, e.g. timm/… or sentence/…"
        )
    recipe = request.recipe_for(ground.dataset.modality)
    refused = []
    for network in tunable:
        moves = moving(network, recipe.move, batch_norm=recipe.batch_norm)
        try:
            check_fits(recipe, moves, network, ground.dataset.modality)
        except TrainingError as cause:
            refused.append(cause)  # left out with a note where another network will do
    if refused and len(refused) == len(tunable):
        raise refused[0]


def tuned_entries(
    ground: Ground,
    networks: Sequence[Backbone],
    entries: Sequence[Evaluated],
    request: Request,
    *,
    store: Store,
    progress: bool = False,
) -> Tuned:
    """Every network fine-tuned; with "auto" only the one whose frozen features did best on the folds.

    A run that diverges or does not fit the budget is left out with a note, unless it was asked for by name
    ("finetune") and was the only one: then `TrainingError`.
    """
    if not request.tunes:
        return Tuned(notes=_hint(request, networks))
    chosen = [network for network in networks if isinstance(network, NetworkBackbone)]
    if request.strategy == "auto":
        chosen = _best(chosen, entries)
    found, notes = [], []
    for network in chosen:
        try:
            entry, note = _tuned(ground, network, request, share=len(chosen), store=store, progress=progress)
        except TrainingError as cause:
            if request.strategy == "finetune" and len(chosen) == 1:
                raise
            entry, note = None, f"fine-tuning of '{network.name}' was left out: {cause}"
        found += [entry] if entry else []
        notes += [note] if note else []
    return Tuned(tuple(found), tuple(notes))


def architecture_entries(
    ground: Ground, networks: Sequence[Backbone], request: Request, *, store: Store, progress: bool = False
) -> Tuned:
    """Each network's architecture with random weights, all of it trained with the same budget: what it knew is gone,
    what it is stays."""
    found, notes = [], []
    for network in networks:
        twin = untrained_twin([network], ground) if isinstance(network, NetworkBackbone) else None
        if not isinstance(twin, NetworkBackbone):
            notes.append(f"'{network.name}' has no architecture that could be trained from random weights")
            continue
        own = replace(request, recipe=from_nothing(request.recipe_for(ground.dataset.modality)), move=request.move)
        entry, note = _tuned(
            ground, twin, own, share=len(networks), store=store, progress=progress, kind="from scratch"
        )
        found += [entry] if entry else []
        notes += [note] if note else []
    return Tuned(tuple(found), tuple(notes))


def _tuned(
    ground: Ground, network: NetworkBackbone, request: Request, *, share: int, store: Store, progress: bool,
    kind: str = "fine-tuned",
) -> tuple[Evaluated | None, str]:  # fmt: skip
    how, note = _within_budget(ground, network, request, share=share, store=store, progress=progress)
    if how is None:
        return None, note
    entry = evaluate_tuning(
        ground, network, how.recipe, rivals=how.rivals, store=store, folds=how.folds, kind=kind,  # type: ignore[arg-type]
        progress=progress,
    )  # fmt: skip
    return replace(entry, note="; ".join(filter(None, [entry.note, note]))), ""


@dataclass(frozen=True)
class _How:
    """By which recipe, beside which others, and on how many folds (None: all of the first repeat)."""

    recipe: TuningRecipe
    rivals: tuple[TuningRecipe, ...] = ()
    folds: int | None = None


def _within_budget(
    ground: Ground, network: NetworkBackbone, request: Request, *, share: int, store: Store, progress: bool
) -> tuple[_How | None, str]:
    """What the request asks for, or as much of it as its budget pays for; and in a sentence what was left out."""
    modality = ground.dataset.modality
    recipe, rivals = request.recipe_for(modality), request.rivals_for(modality, len(ground.train))
    if request.budget is None:
        return _How(recipe, rivals), ""
    budget = request.budget / share
    tuners = tuners_on(ground, network, (recipe, *rivals), store=store, progress=progress)
    afforded = afford(ground, tuners[0], budget)
    if afforded.recipe is None:
        return None, afforded.note
    if not rivals or (not afforded.note and affords_trials(ground, tuners, budget)):
        return _How(afforded.recipe, rivals, afforded.folds), afforded.note
    untried = f"a budget of {budget:.0f} s leaves no time to try moving {' or '.join(each.move for each in rivals)}"
    return _How(afforded.recipe, (), afforded.folds), "; ".join(filter(None, [afforded.note, untried]))


def _best(networks: Sequence[NetworkBackbone], entries: Sequence[Evaluated]) -> list[NetworkBackbone]:
    """The network whose frozen features did best on the folds."""

    def score(network: NetworkBackbone) -> float:
        own = [entry for entry in entries if entry.map and entry.map.backbone.fingerprint == network.fingerprint]
        return max((float(np.nanmean(entry.runs)) for entry in own), default=-1.0)

    return [max(networks, key=score)] if networks else []


def _hint(request: Request, networks: Sequence[Backbone]) -> tuple[str, ...]:
    if request.strategy != "auto" or not any(isinstance(network, NetworkBackbone) for network in networks):
        return ()
    return ("no network was fine-tuned: give a budget (--budget 5m), or ask for it (--strategy finetune)",)
