"""The question before the main job: how do two problems differ, what does it cost, and what setting does that make?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.inspection import left_out_of, preflight
from headstart.data.reading import read
from headstart.data.samples import VectorRows
from headstart.diagnosis.diagnosing import MARGIN, diagnose_features
from headstart.diagnosis.findings import Diagnosis, Example, Picture
from headstart.diagnosis.knowing import diagnose_model
from headstart.diagnosis.side import Side
from headstart.diagnosis.words import telling_words, unknown_words
from headstart.errors import DataError
from headstart.features.store import Store
from headstart.jobs.channels import doubt_about_colour
from headstart.jobs.excerpts import excerpt_of, thumbnail_of
from headstart.jobs.fitting_methods import with_methods
from headstart.jobs.opened import fitted_on, opened_for
from headstart.jobs.seeing import Seen, seen_through
from headstart.models.feature_map import FeatureMap
from headstart.models.folder import is_model, load
from headstart.models.model import Model
from headstart.results import Interval, Score
from headstart.strategies.defaults import default_backbones, missing_hint


def diagnose(
    source: Any,
    target: Any,
    *,
    backbone: str | Backbone | None = None,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
    alpha: float = 0.05,
    margin: float = MARGIN,
) -> Diagnosis:
    """Which of the four conditions differ (X, P(X), Y, P(Y|X)), by how much, at what cost, and what follows from it.

    source, target   anything `headstart.read` takes, labelled, partly labelled or not; a `Side`; the source may also be
                     a saved model's folder
    backbone         what both travel through. By default vectors go as they are; for other samples it is what tells the
                     source's own labels apart best, as in `adapt` (`jobs.seeing`), or where these are of fewer than two
                     classes the one that stands ready
    text ... group   columns of a table, looked for on both sides
    alpha            chance of any wrong "differs"; margin: loss of accuracy that counts as none

    Raises `DataError` where a side cannot be read at all, `UnknownName` for an unknown backbone or column. Whatever is
    odd about readable data becomes an answer ("unknown", with the reason) or a note.
    """
    store = store or Store()
    if isinstance(source, Side) and isinstance(target, Side):
        return with_methods(diagnose_features(source, target, seed=seed, alpha=alpha, margin=margin))
    new, old = (  # read as far as they are data
        side if isinstance(side, Dataset) or (side is source and _is_model(side))
        else read(side, text=text, image=image, label=label, group=group)
        for side in (target, source)
    )  # fmt: skip
    if _is_model(source):
        return with_methods(_from_model(load(source), new, store, progress, alpha=alpha, margin=margin))
    if old.modality != new.modality:
        return diagnose_features(_empty_side(old), _empty_side(new), seed=seed, alpha=alpha, margin=margin)
    (old_side, new_side), used, name, told = _sides(old, new, backbone, store, progress, seed=seed)
    found = diagnose_features(old_side, new_side, seed=seed, alpha=alpha, margin=margin, doubts=told.doubts)
    picture = None if found.picture is None else _with_examples(found.picture, used)
    if picture is not None and new.modality == "text":
        picture = replace(picture, telling=telling_words(_texts(used[0]), _texts(used[1])))
    elif picture is not None and name:
        picture = replace(picture, telling=())  # the numbered columns of an embedding say nothing to anybody
    return with_methods(replace(found, backbone=name, notes=(*found.notes, *told.notes), picture=picture))


def _from_model(
    model: Model, target: Dataset, store: Store, progress: bool, *, alpha: float, margin: float
) -> Diagnosis:
    clean = _clean(target, store, progress)
    readable = clean.modality == model.domain.modality
    proba = model.proba(clean, store=store, progress=progress) if readable else None
    counts = model.findings.get("class_counts") or ()
    return diagnose_model(
        model.task, model.domain, _empty_side(clean), proba, home=_home_score(model.findings),
        shares=tuple(counts) if len(counts) == model.task.n_classes else (), alpha=alpha, margin=margin,
    )  # fmt: skip


def _home_score(findings: dict[str, Any]) -> Score | None:
    """The accuracy that the model's own run measured on held-out rows, where it has kept it."""
    chosen = [entry for entry in findings.get("entries", ()) if entry.get("chosen")]
    kept = (chosen[0].get("test") or chosen[0].get("validation")) if chosen else None
    if not kept or not all(isinstance(kept.get(key), int | float) for key in ("value", "se", "n")):
        return None
    value, half = kept["value"], float(norm.ppf(0.975)) * kept["se"]
    return Score(value, kept["se"], kept["n"], Interval(value, value - half, value + half))


def _is_model(source: Any) -> bool:
    return isinstance(source, str | Path) and is_model(source)


def _clean(dataset: Dataset, store: Store, progress: bool) -> Dataset:
    return preflight(dataset, known=store.memo("preflight"), progress=progress).dataset


def _sides(
    source: Dataset, target: Dataset, backbone: str | Backbone | None, store: Store, progress: bool, *, seed: int
) -> tuple[tuple[Side, Side], tuple[Dataset, Dataset], str, Told]:
    """Both data sets as matrices of one space; the data sets without what could not be read; backbone; what was seen
    on the way."""
    if source.modality == "vector" and backbone is None:
        return (_vectors(source), _vectors(target)), (source, target), "", Told()
    opened = _opened(backbone, source)  # an unknown name, or nothing that stands ready, fails before the work
    clean = [_clean(dataset, store, progress) for dataset in (source, target)]
    if backbone is None and _tells_classes_apart(clean[0]):
        seen = seen_through(clean[0].take(clean[0].labelled), clean[1], store=store, seed=seed, progress=progress)
    else:
        seen = Seen(FeatureMap(fitted_on(opened, *clean), opened.layers[-1:]))
    matrices = [seen.feature_map.matrix(one, store=store, progress=progress) for one in clean]
    first, second = (_side(one, X) for one, X in zip(clean, matrices, strict=True))
    name = seen.feature_map.name if backbone is None else opened.name
    why = (f"seen through {name}: {seen.reason}",) if seen.reason else ()
    told = Told((*left_out_of(clean), *why), _doubts(clean[0], clean[1]))
    return (first, second), (clean[0], clean[1]), name, told


def _tells_classes_apart(source: Dataset) -> bool:
    """Whether its labels can say what tells classes apart."""
    return len(np.unique(source.labels[source.labelled])) > 1


@dataclass(frozen=True)
class Told:
    """Notes on what was left out, and doubts that both sides are of one kind."""

    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def _doubts(source: Dataset, target: Dataset) -> tuple[str, ...]:
    doubt = ""
    if source.modality == "text":
        doubt = unknown_words(_texts(source), _texts(target)).note
    elif source.modality == "image":
        doubt = doubt_about_colour(source.items, target.items)
    return (doubt,) if doubt else ()


def _with_examples(picture: Picture, datasets: tuple[Dataset, Dataset]) -> Picture:
    source, target = datasets
    pairs = tuple((_example(target, new), _example(source, old)) for new, old in picture.pairs)
    return replace(picture, examples=pairs)


def _example(dataset: Dataset, row: int) -> Example:
    item = dataset.items[row]
    return Example(dataset.ids[row], excerpt_of(item, dataset.modality), thumbnail_of(item, dataset.modality))


def _opened(backbone: str | Backbone | None, dataset: Dataset) -> Backbone:
    if backbone is None:
        names = default_backbones(dataset.modality) or (("tfidf",) if dataset.modality == "text" else ())
        if not names:
            raise DataError(f"no backbone stands ready to compare {dataset.modality} samples in: "
                            f"{missing_hint(dataset.modality)}")  # fmt: skip
        backbone = names[0]
    return opened_for(dataset, backbone)


def _vectors(dataset: Dataset) -> Side:
    matrix = dataset.items.matrix if isinstance(dataset.items, VectorRows) else np.stack(list(dataset.items))
    return _side(dataset, matrix)


def _side(dataset: Dataset, X: Any) -> Side:
    columns = dataset.domain.columns if len(dataset.domain.columns) == X.shape[1] else ()
    groups = None if dataset.groups is None else np.asarray(dataset.groups)
    return Side(X, dataset.labels, dataset.task, replace(dataset.domain, columns=columns), groups)


def _empty_side(dataset: Dataset) -> Side:
    """A side of which only labels, classes and modality matter."""
    return Side(np.zeros((len(dataset), 1)), dataset.labels, dataset.task, dataset.domain)


def _texts(dataset: Dataset) -> list[str]:
    return [item if isinstance(item, str) else "" for item in dataset.items]
