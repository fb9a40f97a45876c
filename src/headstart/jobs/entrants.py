"""The backbones that enter a ranking: opened, sized, and held against the limits; what is against one is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from headstart.backbones.backbone import Backbone
from headstart.backbones.opening import parse
from headstart.backbones.word_files import values_in
from headstart.data.dataset import Dataset
from headstart.errors import BackboneError
from headstart.jobs.opened import fitted_on, opened_for
from headstart.selection.cascade import FAILURES
from headstart.selection.limits import Limits, Size, latency_of, size_of
from headstart.selection.prior import known, strength
from headstart.strategies.defaults import default_backbones, missing_hint

NULLS = {"image": "raw", "text": "tfidf", "vector": "raw"}  # ranked along: what is no better than these is no help


@dataclass(frozen=True, eq=False)
class Entrants:
    """The backbones that entered, what they cost, and those that did not, with the reason."""

    opened: Mapping[str, Backbone]
    sizes: Mapping[str, Size]
    skipped: dict[str, str]

    @property
    def licenses(self) -> dict[str, str]:
        return {name: backbone.license for name, backbone in self.opened.items()}


def entrants(dataset: Dataset, backbones: Sequence[str | Backbone] | None, limits: Limits) -> Entrants:
    """Open what may enter (None: what stands ready, and the null of the modality).

    Raises `BackboneError` where none is left, with every reason.
    """
    if backbones is None:
        ready = default_backbones(dataset.modality)
        null = NULLS.get(dataset.modality)
        backbones = [*ready, *([null] if null else [])]
        if not backbones:
            raise BackboneError(f"no backbone stands ready: {missing_hint(dataset.modality)}")
    opened: dict[str, Backbone] = {}
    sizes: dict[str, Size] = {}
    skipped: dict[str, str] = {}
    for given in _strongest(backbones, dataset, limits, skipped):
        name = given if isinstance(given, str) else given.name
        foretold = Size(params=_foretold(given)) if limits.params and isinstance(given, str) else Size()
        if reason := Limits(params=limits.params).refusal(foretold, ""):  # before anything is loaded
            skipped[name] = reason
            continue
        try:
            backbone = opened_for(dataset, given)
            size = size_of(backbone)
            if limits.latency:
                size = replace(size, latency=latency_of(fitted_on(backbone, dataset), dataset.items[:3]))
        except FAILURES as error:
            skipped[name] = " ".join(str(error).split())
            continue
        if reason := limits.refusal(size, backbone.license):
            skipped[name] = reason
            continue
        opened[name], sizes[name] = backbone, size
    if not opened:
        raise BackboneError(
            "no backbone is left to rank: " + "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        )
    return Entrants(opened, sizes, skipped)


def _foretold(name: str) -> int:
    """Weights that a backbone will have, told before it is loaded; 0 where nothing tells."""
    kind, rest, options = parse(name)
    if kind == "words" and Path(rest).is_file():  # the table knows the largest file of its make, not this one
        try:
            return values_in(rest, limit=int(options["limit"]) if "limit" in options else None)
        except (BackboneError, ValueError, OSError, EOFError):
            return 0  # opening it will say what is wrong
    row = known(name)
    return int(1e6 * row.params_millions) if row else 0


def _strongest(
    backbones: Sequence[str | Backbone], dataset: Dataset, limits: Limits, skipped: dict[str, str]
) -> list[str | Backbone]:
    """At most as many as the limits allow, those of the weakest public figures left out."""
    names = {(given if isinstance(given, str) else given.name): given for given in backbones}
    figures = {name: strength(name, dataset.modality) for name in names}
    order = sorted(names, key=lambda name: -(np.inf if figures[name] is None else figures[name]))  # type: ignore[operator]
    for name in order[limits.most :]:
        skipped[name] = f"{len(names)} backbones, and its public figure is not among the {limits.most} strongest"
    kept = set(order[: limits.most])
    return [given for name, given in names.items() if name in kept]
