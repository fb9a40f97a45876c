"""Through which backbone and layer two domains are seen: the one that tells the source's own classes apart best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.splitting import split
from headstart.errors import BackboneError, DataError
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.jobs.opened import fitted_on, opened_for
from headstart.jobs.planning import opened_or_not
from headstart.models.feature_map import FeatureMap
from headstart.planning.costs import measure
from headstart.planning.foremost import foremost
from headstart.planning.foretold import Foretold
from headstart.planning.probing import Sight, fewer, probe_frozen
from headstart.results import fraction
from headstart.strategies.defaults import default_backbones, missing_hint
from headstart.strategies.ground import Ground

MOST_ROWS = 1000  # of the source are looked at
WIDEST = 1024  # columns of layers side by side; methods that adapt decompose matrices of that size
STANDING = {"text": ("tfidf",), "vector": ("raw",)}  # open without any weights


@dataclass(frozen=True, eq=False)
class Seen:
    """feature_map  what both domains go through; reason: why it, "" where there was no choice"""

    feature_map: FeatureMap
    reason: str = ""


def seen_through(
    old: Dataset, new: Dataset, backbone: str | Backbone | None = None, layer: str | None = None, *, store: Store,
    seed: int = 0, progress: bool = False,
) -> Seen:  # fmt: skip
    """The map for both sides. What is not named is chosen by leave-one-out on up to 1,000 labelled source rows: a
    network's usual layer, and the first of the networks, unless another is ahead beyond chance
    (`planning.foremost`). Target labels are not looked at.

    old  labelled rows alone. A backbone that must learn first (tf-idf's vocabulary) learns from both sides in the end,
         from the source's rows for the choice

    Raises `DataError` where nothing stands ready for these samples, `BackboneError` for a layer that there is not.
    """
    opened = [opened_for(old, backbone)] if backbone is not None else _standing(old)
    if layer is not None and layer not in opened[0].layers:
        raise BackboneError(f"{opened[0].name} has no layer '{layer}'; it has {', '.join(opened[0].layers)}")
    if layer is not None or (len(opened) == 1 and len(opened[0].layers) == 1):
        return Seen(FeatureMap(fitted_on(opened[0], old, new), (layer or opened[0].layers[-1],)))
    options = _probed(old, opened, store=store, seed=seed, progress=progress)
    if not options:
        return Seen(FeatureMap(fitted_on(opened[0], old, new), opened[0].layers[-1:]))
    taken, _ = foremost([option for option, _ in options])
    taken_from = next(own for option, own in options if option is taken)
    feature_map = FeatureMap(fitted_on(taken_from, old, new), taken.option.layers)
    if len(feature_map.layers) > 1:
        blocks = extract(old, feature_map.backbone, layers=feature_map.layers, store=store, progress=progress)
        feature_map = feature_map.scaled_on(blocks, np.arange(len(old)))
    return Seen(feature_map, in_words(taken, [option for option, _ in options]))


def in_words(taken: Foretold, options: Sequence[Foretold]) -> str:
    """Why it: its leave-one-out accuracy, and the best one's where that is another."""
    best = max(options, key=lambda each: each.accuracy)
    said = f"it names {fraction(taken.accuracy)} of the source's rows rightly, each left out once"
    if best is taken or best.accuracy == taken.accuracy:
        return f"{said}: no other of {len(options)} layers and backbones does better"
    ahead = fraction(best.accuracy)
    return f"{said}; of {len(options)} layers and backbones the best, at {ahead}, is not ahead beyond chance"


def _standing(old: Dataset) -> list[Backbone]:
    """What opens on this machine, the pretrained first."""
    names: Sequence[str] = (*default_backbones(old.modality), *STANDING.get(old.modality, ()))
    opened, notes = opened_or_not(old, names)
    if not opened:
        raise DataError(
            f"no backbone stands ready for {old.modality} samples: {'; '.join(notes) or missing_hint(old.modality)}"
        )
    return opened


def _probed(
    old: Dataset, opened: Sequence[Backbone], *, store: Store, seed: int, progress: bool
) -> list[tuple[Foretold, Backbone]]:
    """Each option whose worth is known, beside its backbone as it was opened."""
    ground = Ground(old, split(old, seed=seed), seed)
    everything = Sight(ground, ground.train, store, progress)
    sight = Sight(ground, ground.train[fewer(everything, MOST_ROWS)], store, progress)
    options = []
    for backbone in opened:
        probed = probe_frozen(sight, backbone, measure(backbone, old))
        for option in probed.foretold:
            layers = option.option.layers
            if option.known and (len(layers) == 1 or probed.matrices[layers].shape[1] <= WIDEST):
                options.append((option, backbone))
    return options
