"""Domain adaptation as a job: labels in the source, the work in the target; a model, and whether adapting paid."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headstart.adaptation.adapter import Adapter
from headstart.adaptation.auto import Auto
from headstart.adaptation.deployed import deployed
from headstart.adaptation.findings import AdaptationFindings, ClassChange
from headstart.adaptation.named import method_named
from headstart.adaptation.none import NoAdaptation
from headstart.adaptation.pictures import before_and_after
from headstart.arrays import Labels, Rows
from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.inspection import left_out_of, preflight
from headstart.data.reading import read
from headstart.errors import DataError
from headstart.features.store import Store
from headstart.jobs.seeing import seen_through
from headstart.models.member import Member
from headstart.models.model import Model
from headstart.problem import UNLABELLED, Task
from headstart.stats.intervals import paired_gain

COLUMNS = ("text", "image", "label", "group")


@dataclass(frozen=True, eq=False, kw_only=True)
class Adaptation(AdaptationFindings):
    """What came of it, and the model: it predicts samples of the target; saved and loaded like any other."""

    model: Model

    __repr__ = AdaptationFindings.__str__

    def save(self, folder: str | Path, *, standalone: bool = False, overwrite: bool = False) -> Path:
        """The model folder, with its card and its report."""
        return self.model.save(folder, standalone=standalone, overwrite=overwrite)


def adapt(
    source: Any,
    target: Any,
    *,
    method: str = "auto",
    backbone: str | Backbone | None = None,
    layer: str | None = None,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
    quiet: bool = False,
) -> Adaptation:
    """Carry the labels of `source` over to `target`.

    source, target  anything `read` takes. The source's rows need labels. If all of the target's rows have one, these
                    only measure; if some have, those are learned from
    method          a name in `ADAPTERS`, with options where they are asked for (`open_set?inner=coral`); "auto" looks
                    at the shift, tries what suits, and adapts only where it pays
    backbone, layer what both travel through; None: what foretells the source's own labels best, of what stands ready
                    for their kind (for text also tf-idf, learned from both sides) and of its layers (`jobs.seeing`)

    Raises `DataError` for data of two kinds, labels that the source lacks, and what the method refuses.
    """
    started = time.perf_counter()
    asked = method_named(method)  # an unknown name fails before the work
    store = store or Store()
    columns = dict(zip(COLUMNS, (text, image, label, group), strict=True))
    old, new = (side(each, columns, store, progress) for each in (source, target))
    if old.modality != new.modality:
        raise DataError(
            f"the source holds {old.modality} samples and the target {new.modality}: their feature spaces differ, and "
            "no method here bridges kinds of data; describe both in one kind (captions, say)"
        )
    if not len(old.labelled):
        raise DataError(f"the source ({old.domain}) has no labels, so there is nothing to carry over; name its `label`")
    whole, given, given_labels = len(new.labelled) == len(new), new.task, new.labels
    old, new = old.take(old.labelled), new.relabelled(old.task)
    shown = np.unique(old.labels)
    if len(shown) < 2:
        raise DataError(
            f"all labelled samples of the source ({old.domain}) are of one class ('{old.task.classes[shown[0]]}'): "
            "there is nothing to tell apart; add samples of the others"
        )
    seen = seen_through(old, new, backbone, layer, store=store, seed=seed, progress=progress)
    feature_map = seen.feature_map
    Xs, Xt = (feature_map.matrix(each, store=store, progress=progress) for each in (old, new))
    measured = new.labelled if whole else np.zeros(0, dtype=np.int64)
    yt = np.full(len(new), UNLABELLED) if whole else new.labels
    adapter, task = _fitted(asked, (Xs, old.labels, Xt, yt), old.task, seed=seed, progress=progress)
    unadapted = NoAdaptation().fit(Xs, old.labels, Xt, yt)
    answers, plain = adapter.predict(Xt), unadapted.predict(Xt)
    chosen = {name: column for name, column in columns.items() if column and name in ("text", "image")}
    model = Model((Member(feature_map, deployed(adapter)),), task, new.domain, columns=chosen)
    truth = _truth(new, given, given_labels, task) if adapter.adds_unknown else new.labels
    measured = np.flatnonzero(truth >= 0) if whole else measured
    before, after = before_and_after(adapter, (Xs, Xt), (old.labels, answers), task.classes, seed=seed)
    found = Adaptation(
        model=model, source=old.domain.name or "source", target=new.domain.name or "target",
        rows=(len(old), len(new)), backbone=feature_map.name, why=seen.reason, **_choice(adapter),
        changed=float((answers != plain).mean()), **_measured(answers, plain, truth, measured),
        classes=_classes(task, old.labels, (plain, answers), truth, measured), before=before, after=after,
        notes=_notes(old, new, given, method, told=adapter.adds_unknown),
        seconds=round(time.perf_counter() - started, 1),
    )  # fmt: skip
    model.findings.update(found.to_dict())
    model.pages.update({"README.md": card(found, old, new), "report.html": found.report})
    if not quiet:
        sys.stdout.write(f"{found}\n")
    return found


def side(data: Any, columns: dict[str, str | None], store: Store, progress: bool) -> Dataset:
    """A data set read and looked at once; what cannot be read is left out and listed."""
    dataset = data if isinstance(data, Dataset) else read(data, **columns)  # type: ignore[arg-type]
    return preflight(dataset, known=store.memo("preflight"), progress=progress).dataset


def card(found: Adaptation, source: Dataset, target: Dataset) -> str:
    """A page to lie beside the model."""
    return (
        f"# {target.domain.name or 'target'}, learned from {source.domain.name or 'source'}\n\n"
        f"Predicts {source.task} for {target.modality} samples; labels came from {len(source)} source samples, and "
        f"{len(target)} target samples showed where they are needed.\n\n```text\n{found}\n```\n"
    )


def _fitted(adapter: Adapter, data: tuple[Any, ...], task: Task, *, seed: int, progress: bool) -> tuple[Adapter, Task]:
    """The adapter fitted on codes, and the task with one more class where it may find rows of none."""
    known = adapter.get_params()
    adapter.set_params(**{name: value for name, value in (("seed", seed), ("progress", progress)) if name in known})
    if adapter.adds_unknown:
        name = "unknown" if "unknown" not in task.classes else "none of these"
        adapter.set_params(unknown=task.n_classes)
        task = Task((*task.classes, name))
    adapter.fit(*data)
    return adapter, task


def _truth(new: Dataset, given: Task, labels: Labels, task: Task) -> Labels:
    """Codes of the target's own labels, those of classes that the source lacks as the unknown class."""
    strange = np.array([name not in task.classes for name in given.classes], dtype=bool)
    other = (labels >= 0) & strange[labels.clip(min=0)]
    return np.where(other, task.n_classes - 1, new.labels)


def _choice(adapter: Adapter) -> dict[str, Any]:
    if isinstance(adapter, Auto):
        return {"method": adapter.choice_, "shift": str(adapter.shift_ or ""), "trials": adapter.trials_}
    return {"method": adapter.name, "shift": "", "trials": ()}


def _measured(answers: Labels, plain: Labels, labels: Labels, rows: Rows) -> dict[str, Any]:
    if not len(rows):
        return {"accuracy": None, "unadapted": None, "gain": None}
    right, before = (np.asarray(each[rows] == labels[rows], dtype=np.float64) for each in (answers, plain))
    return {"accuracy": float(right.mean()), "unadapted": float(before.mean()), "gain": paired_gain(right, before)}


def _classes(
    task: Task, source: Labels, answers: tuple[Labels, Labels], labels: Labels, rows: Rows
) -> tuple[ClassChange, ...]:
    """What changes for each class; answers: without and with adaptation."""
    found = []
    for code, name in enumerate(task.classes):
        mine = rows[labels[rows] == code]
        before, after = (float((each[mine] == code).mean()) if len(mine) else None for each in answers)
        first, second, third = (float((each == code).mean()) for each in (source, *answers))
        found.append(ClassChange(name, first, second, third, len(mine), before, after))
    return tuple(found)


def _notes(old: Dataset, new: Dataset, given: Task, method: str, *, told: bool) -> tuple[str, ...]:
    asked = (f"asked for as {method}",) if "?" in method else ()
    strange = [name for name in given.classes if name not in old.task.classes]
    unknown = (
        f"the source knows no {', '.join(strange[:6])}: target rows of these classes count as unlabelled, and "
        "are called one of its own; method 'open_set' calls them unknown",
    )  # fmt: skip
    return asked + (unknown if strange and not told else ()) + left_out_of((old, new))
