"""Domain adaptation as a job: labels in the source, the work in the target; a model, and whether adapting paid."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from headstart.adaptation import ADAPTERS
from headstart.adaptation.adapter import Adapter
from headstart.adaptation.auto import Auto, Trial
from headstart.adaptation.deployed import deployed
from headstart.adaptation.none import NoAdaptation
from headstart.arrays import Labels, Rows
from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.inspection import preflight
from headstart.data.reading import read
from headstart.errors import DataError
from headstart.features.store import Store
from headstart.heads.logistic import Logistic
from headstart.jobs.opened import opened_for
from headstart.models.feature_map import FeatureMap
from headstart.models.model import Model
from headstart.problem import UNLABELLED, Task
from headstart.results import Interval, fraction, to_plain
from headstart.stats.intervals import paired_gain
from headstart.strategies.defaults import default_backbones, missing_hint

COLUMNS = ("text", "image", "label", "group")


@dataclass(frozen=True, eq=False)
class Adaptation:
    """What came of it.

    model      predicts samples of the target; saved and loaded like any other
    method     the method in use; "none" where nothing was credibly better
    shift      the shift found, in words; trials: what was tried, with the validators' votes (both for "auto" alone)
    changed    share of target rows whose answer is not the unadapted classifier's
    accuracy   on target rows whose labels nobody used, with and without adaptation; None where there are none
    gain       of adapting, paired, with its interval
    per_class  the same gain class by class
    """

    model: Model
    method: str
    shift: str
    trials: tuple[Trial, ...]
    changed: float
    accuracy: float | None
    unadapted: float | None
    gain: Interval | None
    per_class: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"method   {self.method}", f"changed  {100 * self.changed:.1f} % of the target's answers"]
        if self.shift:
            lines.insert(0, f"shift    {self.shift}")
        if self.gain is not None and self.accuracy is not None and self.unadapted is not None:
            lines.append(f"accuracy {fraction(self.accuracy)} (unadapted {fraction(self.unadapted)}) on target labels")
            lines.append(f"verdict  {verdict(self.gain)}")
        for trial in sorted(self.trials, key=lambda each: -each.rank):
            votes = "  ".join(f"{name} {value:.3f}" for name, value in trial.votes.items())
            mark = "*" if trial.name == self.method else " "
            lines.append(f"{mark} {trial.name:<16} {fraction(trial.rank)}  {votes or trial.refusal}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def save(self, folder: str | Path, *, standalone: bool = False, overwrite: bool = False) -> Path:
        """The model folder, with its card."""
        return self.model.save(folder, standalone=standalone, overwrite=overwrite)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the model, for machines."""
        names = ("method", "shift", "trials", "changed", "accuracy", "unadapted", "gain", "per_class", "notes")
        return {name: to_plain(getattr(self, name)) for name in names}


def adapt(
    source: Any,
    target: Any,
    *,
    method: str = "auto",
    backbone: str | Backbone | None = None,
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
    method          a name in `ADAPTERS`; "auto" looks at the shift, tries what suits, and adapts only where it pays
    backbone        what both travel through; None: what stands ready for their kind (tf-idf, learned from both sides,
                    for text without any)

    Raises `DataError` for data of two kinds, labels that the source lacks, and what the method refuses.
    """
    adapter_class = ADAPTERS[method]  # an unknown name fails before the work
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
    whole, given = len(new.labelled) == len(new), new.task
    old, new = old.take(old.labelled), new.relabelled(old.task)
    feature_map = FeatureMap(opened := _opened(backbone, old, new), opened.layers[-1:])
    Xs, Xt = (feature_map.matrix(each, store=store, progress=progress) for each in (old, new))
    measured = new.labelled if whole else np.zeros(0, dtype=np.int64)
    yt = np.full(len(new), UNLABELLED) if whole else new.labels
    adapter: Adapter = adapter_class(head=Logistic(seed=seed))
    if "seed" in adapter.get_params():
        adapter.set_params(seed=seed)
    adapter.fit(Xs, old.labels, Xt, yt)
    unadapted = NoAdaptation(head=Logistic(seed=seed)).fit(Xs, old.labels, Xt, yt)
    answers, plain = adapter.predict(Xt), unadapted.predict(Xt)
    chosen = {name: column for name, column in columns.items() if column and name in ("text", "image")}
    model = Model(feature_map, deployed(adapter), old.task, new.domain, columns=chosen)
    found = Adaptation(
        model, *_choice(adapter), changed=float((answers != plain).mean()),
        **_measured(answers, plain, new.labels, measured, old),
        notes=_notes(old, new, given),
    )  # fmt: skip
    model.findings.update(found.to_dict())
    model.pages["README.md"] = card(found, old, new)
    if not quiet:
        sys.stdout.write(f"{found}\n")
    return found


def side(data: Any, columns: dict[str, str | None], store: Store, progress: bool) -> Dataset:
    """A data set read and looked at once; what cannot be read is left out and listed."""
    dataset = data if isinstance(data, Dataset) else read(data, **columns)  # type: ignore[arg-type]
    return preflight(dataset, known=store.memo("preflight"), progress=progress).dataset


def verdict(gain: Interval) -> str:
    """Whether adapting paid, from its paired gain."""
    points = f"{100 * gain.value:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
    if gain.low > 0:
        return f"adapting helps: {points}"
    if gain.high < 0:
        return f"negative transfer: {points}; use method 'none'"
    return f"no clear difference: {points}"


def card(found: Adaptation, source: Dataset, target: Dataset) -> str:
    """A page to lie beside the model."""
    return (
        f"# {target.domain.name or 'target'}, learned from {source.domain.name or 'source'}\n\n"
        f"Predicts {source.task} for {target.modality} samples; labels came from {len(source)} source samples, and "
        f"{len(target)} target samples showed where they are needed.\n\n```text\n{found}\n```\n"
    )


def _opened(backbone: str | Backbone | None, old: Dataset, new: Dataset) -> Backbone:
    if backbone is None:
        names: Sequence[str] = default_backbones(old.modality) or {"text": ("tfidf",), "vector": ("raw",)}.get(
            old.modality, ()
        )
        if not names:
            raise DataError(f"no backbone stands ready for {old.modality} samples: {missing_hint(old.modality)}")
        backbone = names[0]
    backbone = opened_for(old, backbone)
    if backbone.learned_from is not None:
        return backbone.fitted([*old.items, *new.items])  # type: ignore[attr-defined]
    return backbone


def _choice(adapter: Adapter) -> tuple[str, str, tuple[Trial, ...]]:
    if isinstance(adapter, Auto):
        return adapter.choice_, str(adapter.shift_ or ""), adapter.trials_
    return adapter.name, "", ()


def _measured(answers: Labels, plain: Labels, labels: Labels, rows: Rows, source: Dataset) -> dict[str, Any]:
    if not len(rows):
        return {"accuracy": None, "unadapted": None, "gain": None, "per_class": {}}
    right, before = (np.asarray(each[rows] == labels[rows], dtype=np.float64) for each in (answers, plain))
    per_class = {
        name: float((right - before)[labels[rows] == code].mean())
        for code, name in enumerate(source.task.classes)
        if (labels[rows] == code).any()
    }
    return {
        "accuracy": float(right.mean()), "unadapted": float(before.mean()), "gain": paired_gain(right, before),
        "per_class": per_class,
    }  # fmt: skip


def _notes(old: Dataset, new: Dataset, given: Task) -> tuple[str, ...]:
    strange = [name for name in given.classes if name not in old.task.classes]
    unknown = (
        f"the source knows no {', '.join(strange[:6])}: target rows of these classes count as unlabelled, and "
        "are called one of its own",
    )  # fmt: skip
    return (unknown if strange else ()) + tuple(
        f"{len(each.rejects)} samples of {each.domain.name or 'a side'} left out, first: {each.rejects[0].id}: "
        f"{each.rejects[0].reason}"
        for each in (old, new)
        if each.rejects
    )
