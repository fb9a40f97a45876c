"""Which of these backbones, and which of their layers? Scored on a few rows, with a prior, and without training."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from headstart.arrays import Rows
from headstart.backbones.backbone import Backbone, Pooling
from headstart.data.dataset import Dataset
from headstart.data.inspection import preflight
from headstart.data.reading import read
from headstart.data.splitting import Split, split
from headstart.errors import BackboneError, DataError
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.jobs.entrants import Entrants, entrants
from headstart.jobs.opened import fitted_on
from headstart.jobs.tapping import Tapping
from headstart.selection import KIT, METRICS
from headstart.selection.cascade import FAILURES, cascade
from headstart.selection.limits import Limits
from headstart.selection.posterior import belief, measured_belief
from headstart.selection.prior import strength
from headstart.selection.ranking import Place, Ranking, ranking_of, short
from headstart.selection.rankme import effective_rank
from headstart.selection.record import combined, identity, recalled, strengths, task_digest
from headstart.selection.sampling import growing_samples
from headstart.stats.spectrum import Spectrum

FEW, UNLABELLED_ROWS = 10, 256


def rank(
    data: Any,
    *,
    backbones: Sequence[str | Backbone] | None = None,
    by: str = "kit",
    limits: Limits | None = None,
    rows: int = 2000,
    test: float = 0.25,
    poolings: Sequence[Pooling] = ("mean",),
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
    quiet: bool = False,
) -> Ranking:
    """Rank backbones and their layers for the labelled samples of `data`, without training anything.

    data       anything `read` takes
    backbones  names for `open_backbone`, or backbones; None: those that stand ready. One that cannot be had is skipped
               with its reason
    by         "kit": the prior and the kit's scores together, in accuracy; or a single metric's name
    limits     what a backbone must not exceed
    rows       labelled samples looked at, at most; one forward pass each, scored at every layer
    test       share that `transfer` with the same seed will hold out (a split that came with the data is kept): these
               rows are not looked at, because they must choose nothing
    poolings   how positions of a layer are pooled: "mean", "max", or both (a forward pass each); networks alone know it

    Without labels, or with one sample per class, backbones are ordered by public figures and own runs alone, and a note
    says what that means. Raises `DataError` for one class, `UnknownName` for an unknown metric, `BackboneError` where
    no backbone is left.
    """
    started, store, limits = time.perf_counter(), store or Store(), limits or Limits()
    _check_metric(by)
    dataset, notes = _read(data, {"text": text, "image": image, "label": label, "group": group}, store, progress)
    entered = entrants(dataset, backbones, limits)
    prior = _strengths(dataset, entered, store)
    counts = dataset.class_counts
    if counts.sum() and (counts > 0).sum() == 1:
        raise DataError(
            f"all {counts.sum()} labelled samples are '{dataset.task.classes[int(counts.argmax())]}'; "
            "a ranking needs at least two classes, or none"
        )
    if counts.max(initial=0) < 2:
        found = _without_labels(dataset, entered, prior, store, progress)
    else:
        found = _by_labels(
            dataset, entered, prior, by=by, rows=rows, test=test, poolings=poolings, seed=seed, store=store,
            progress=progress,
        )  # fmt: skip
    found = replace(found, notes=(*notes, *found.notes), seconds=round(time.perf_counter() - started, 3))
    if not quiet:
        sys.stdout.write(f"{found}\n")
    return found


def _check_metric(by: str) -> None:
    if by != "kit" and METRICS[by].needs_source_data:
        raise DataError(
            f"{by} compares two data sets and ranks no backbones; call METRICS['{by}'] on features of both, or rank by "
            "another metric"
        )
    if by != "kit" and not METRICS[by].needs_labels:
        raise DataError(f"{by} does not look at labels; give data without labels to see it, or rank by another metric")


def _read(data: Any, columns: dict[str, str | None], store: Store, progress: bool) -> tuple[Dataset, tuple[str, ...]]:
    dataset = data if isinstance(data, Dataset) else read(data, **columns)  # type: ignore[arg-type]
    checked = preflight(dataset, known=store.memo("preflight"), progress=progress)
    return checked.dataset, (*checked.dataset.notes, *checked.warnings)


def _strengths(dataset: Dataset, entered: Entrants, store: Store) -> dict[str, float | None]:
    task = task_digest(dataset.task.classes, tuple(map(int, dataset.class_counts)))
    own = strengths([run for run in recalled(store) if run.modality == dataset.modality], without=task)
    return {
        name: combined(strength(name, dataset.modality), own.get(identity(backbone)))
        for name, backbone in entered.opened.items()
    }


def _by_labels(
    dataset: Dataset, entered: Entrants, prior: Mapping[str, float | None], *, by: str, rows: int,
    test: float, poolings: Sequence[Pooling], seed: int, store: Store, progress: bool,
) -> Ranking:  # fmt: skip
    parts = split(dataset, test=test, seed=seed)
    samples = growing_samples(dataset, parts.train, most=rows, seed=seed)
    metrics = KIT if by == "kit" else (by,)
    source = Tapping(dataset, entered.opened, by, tuple(poolings), seed, store, progress)
    run = cascade(list(entered.opened), source.features, samples, metrics=metrics, progress=progress)
    skipped = {**entered.skipped, **run.skipped}
    if not run.scored:
        raise BackboneError(
            "no backbone could be scored: " + "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        )
    if by == "kit":
        beliefs = belief(run.scored, prior, seed=seed)
    else:
        sign = 1 if METRICS[by].higher_is_better else -1
        beliefs = measured_belief(run.scored, by, sign=sign, seed=seed)
    labels = dataset.labels[samples[-1]]
    return ranking_of(
        run, beliefs, title=dataset.domain.name, by=by, n_classes=len(np.unique(labels)), strengths=prior,
        sizes=entered.sizes, licenses=entered.licenses, skipped=skipped,
        notes=_notes(dataset, parts, samples[-1], prior, by),
    )  # fmt: skip


def _without_labels(
    dataset: Dataset, entered: Entrants, prior: Mapping[str, float | None], store: Store, progress: bool
) -> Ranking:
    """By strength alone; beside it how many directions each backbone's embedding uses on these samples."""
    places = []
    skipped = dict(entered.skipped)
    sample = dataset.take(np.random.default_rng(0).permutation(len(dataset))[:UNLABELLED_ROWS])
    for name, backbone in entered.opened.items():
        try:
            fitted = fitted_on(backbone, dataset)
            block = extract(sample, fitted, store=store, progress=progress)[fitted.layers[-1]]
        except FAILURES as error:
            skipped[name] = " ".join(str(error).split())
            continue
        places.append(
            Place(
                backbone=name, layers=fitted.layers[-1:], predicted=None, n=len(sample), strength=prior[name],
                scores={"rankme": effective_rank(Spectrum.of(block.X))}, size=entered.sizes[name],
                license=backbone.license,
            )
        )  # fmt: skip
    if not places:
        raise BackboneError(
            "no backbone could be run: " + "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        )
    places.sort(key=lambda place: -np.inf if place.strength is None else place.strength, reverse=True)
    why = "each class has one sample, which cannot be held out" if dataset.class_counts.sum() else "there are no labels"
    return Ranking(
        title=dataset.domain.name, by="prior", places=tuple(places), n=len(sample), n_classes=0, profiles={},
        skipped=skipped,
        notes=(
            f"{why}: the order is that of public figures and your own earlier runs, blind to these samples. It is a "
            "fair first guess among networks of one kind, and says nothing of how well any of them will do; label some "
            "20 samples of each class and rank again",
            "rankme (directions in use) compares networks trained alike; noise has the highest of all",
        ),
    )  # fmt: skip


def _notes(dataset: Dataset, parts: Split, rows: Rows, prior: Mapping[str, float | None], by: str) -> list[str]:
    notes = []
    if len(parts.test):
        notes.append(
            f"{len(parts.test):,} rows were not looked at: `transfer` holds them out, and they must choose nothing"
        )
    if len(rows) < FEW:
        notes.append(f"only {len(rows)} independent labelled rows: intervals are wide, and public figures decide much")
    if (left := len(parts.train) - len(rows)) and dataset.groups is not None:
        notes.append(f"{left:,} labelled rows were left out: one row per group is looked at, as the others would tell")
    unknown = [name for name, value in prior.items() if value is None]
    if by == "kit" and unknown and len(unknown) < len(prior):
        notes.append(f"nothing public is known of {', '.join(map(short, unknown[:4]))}: believed as measured")
    return notes
