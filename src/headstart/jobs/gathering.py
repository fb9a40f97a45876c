"""Everything a run found out, gathered into plain values for the report, the card and machines."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from headstart.arrays import Labels, Matrix, Rows
from headstart.data.dataset import Dataset
from headstart.data.inspection import Preflight
from headstart.jobs.excerpts import excerpt_of, thumbnail_of
from headstart.models.model import Model
from headstart.stats.calibration import abstain_curve, apply_temperature
from headstart.stats.metrics import confusion, expected_calibration_error, reliability_bins
from headstart.strategies.choosing import verdict
from headstart.strategies.curves import learning_curve
from headstart.strategies.findings import AbstainPoint, CurvePoint, Entry, Findings, Mistake, Reliability
from headstart.strategies.ground import Evaluated, Ground

MOST_MISTAKES = 12
SLOW_SECONDS = 8.0  # an entry whose one fit takes longer gets no learning curve
PACKAGES = (
    "headstart", "torch", "numpy", "scikit-learn", "timm", "transformers", "sentence-transformers", "pillow",
    "onnxruntime",
)  # fmt: skip


def gather(
    kept: Evaluated,
    entries: Sequence[Evaluated],
    model: Model,
    checked: Preflight,
    ground: Ground,
    *,
    source: Any,
    notes: Sequence[str],
    costs: dict[str, float],
    command: str,
) -> Findings:
    """The run as `Findings`; nothing here chooses anything."""
    dataset = ground.dataset
    scratch = next((entry for entry in entries if entry.kind == "from scratch"), None)
    gain = None if scratch is None or scratch is kept else kept.gain_over(scratch, ground)
    proba, labels, rows = held_out(kept, ground)
    calibrated = apply_temperature(proba, model.temperature)
    split = ground.split
    return Findings(
        title=dataset.domain.name or "transfer",
        verdict=verdict(kept, gain, len(ground.train), ground.n_classes),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        modality=dataset.modality,
        classes=dataset.task.classes,
        class_counts=tuple(int(count) for count in dataset.class_counts),
        n_samples=len(dataset),
        n_labelled=len(dataset.labelled),
        n_train=len(ground.train),
        n_test=len(ground.test),
        split=split.kind,
        source=source_name(source),
        entries=described(entries, kept, scratch, ground),
        confusion=tuple(
            tuple(int(cell) for cell in row) for row in confusion(labels, proba.argmax(1), ground.n_classes)
        ),
        reliability=reliability(proba, calibrated, labels, model.temperature),
        abstain=abstaining(calibrated, labels),
        curves=curves_of([kept, scratch], ground),
        mistakes=mistakes_of(calibrated, labels, rows, dataset),
        rejects=tuple((reject.id, reject.reason) for reject in dataset.rejects),
        duplicates=tuple(tuple(group) for group in checked.duplicates),
        notes=(
            *dataset.notes,
            *checked.warnings,
            *split.notes,
            *backbone_notes(entries),
            *slow_notes([kept, scratch], ground),
            *notes,
        ),
        trainings=tuple(entry.training for entry in entries if entry.training and not entry.members),
        mixing=kept.mixing,
        costs={phase: round(seconds, 3) for phase, seconds in costs.items()},
        repeat={
            "command": command,
            "seed": ground.seed,
            "split": split.digest,
            "backbone": " ".join(dict.fromkeys(part.map.backbone.fingerprint for part in kept.parts)),
            "versions": versions(),
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
        },
    )


def held_out(kept: Evaluated, ground: Ground) -> tuple[Matrix, Labels, Rows]:
    """Probabilities, labels and row numbers on held-out rows: the test rows, or the out-of-fold training rows."""
    if len(ground.test):
        return kept.test, ground.labels[ground.test], ground.test
    scored = ~np.isnan(kept.validation).any(axis=1)
    rows = ground.train[scored]
    return kept.validation[scored], ground.labels[rows], rows


def backbone_notes(entries: Sequence[Evaluated]) -> tuple[str, ...]:
    """What backbones say of themselves (how far one in integers drifts), each sentence once."""
    backbones = [part.map.backbone for entry in entries for part in entry.parts]
    return tuple(dict.fromkeys(note for backbone in backbones for note in getattr(backbone, "notes", ())))


def described(
    entries: Sequence[Evaluated], kept: Evaluated, scratch: Evaluated | None, ground: Ground
) -> tuple[Entry, ...]:
    """The rows of the comparison, best validation first."""
    rows = [
        Entry(
            name=entry.name,
            kind=entry.kind,
            backbone=" + ".join(dict.fromkeys(part.map.backbone.name for part in entry.parts)),
            layer=" + ".join(", ".join(part.map.layers) for part in entry.parts),
            head=entry.head_name,
            validation=entry.validation_score(ground),
            test=entry.test_score(ground),
            gain=None if scratch is None or entry is scratch else entry.gain_over(scratch, ground),
            seconds=round(entry.seconds, 3),
            bytes=entry.bytes,
            chosen=entry is kept,
            note=entry.note,
        )
        for entry in entries
    ]
    return tuple(sorted(rows, key=lambda entry: -entry.validation.value))


def reliability(before: Matrix, after: Matrix, labels: Labels, temperature: float) -> Reliability:
    bins = reliability_bins(after, labels)
    return Reliability(
        confidence=tuple(map(float, bins.confidence)),
        accuracy=tuple(map(float, bins.accuracy)),
        count=tuple(map(int, bins.count)),
        error_before=float(expected_calibration_error(before, labels)),
        error_after=float(expected_calibration_error(after, labels)),
        temperature=float(temperature),
    )


def abstaining(proba: Matrix, labels: Labels) -> tuple[AbstainPoint, ...]:
    curve = abstain_curve(proba, labels)
    points = zip(curve.threshold, curve.answered, curve.accuracy, strict=True)
    return tuple(AbstainPoint(threshold=float(t), answered=float(a), accuracy=float(c)) for t, a, c in points)


def curves_of(entries: Sequence[Evaluated | None], ground: Ground) -> dict[str, tuple[CurvePoint, ...]]:
    """Learning curves of the kept entry and of scratch; slow ones are left out rather than waited for."""
    curves = {}
    for entry in entries:
        if entry is None or entry.name in curves or seconds_of_a_fit(entry, ground) > SLOW_SECONDS:
            continue
        curve = learning_curve(entry, ground)
        if len(curve) > 1:
            curves[entry.name] = curve
    return curves


def slow_notes(entries: Sequence[Evaluated | None], ground: Ground) -> tuple[str, ...]:
    """Which entries got no learning curve because they are slow."""
    slow = {
        entry.name: seconds
        for entry in entries
        if entry is not None and (seconds := seconds_of_a_fit(entry, ground)) > SLOW_SECONDS
    }
    return tuple(f"no learning curve for {name}: one fit takes {seconds:.0f} s" for name, seconds in slow.items())


def seconds_of_a_fit(entry: Evaluated, ground: Ground) -> float:
    """About: it was fitted once on every fold and once on all training rows."""
    return entry.seconds / (len(ground.split.folds) + 1)


def mistakes_of(proba: Matrix, labels: Labels, rows: Rows, dataset: Dataset) -> tuple[Mistake, ...]:
    """The wrong answers given with most confidence, and what was shown."""
    predicted, confidence = proba.argmax(axis=1), proba.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MOST_MISTAKES]
    names = dataset.task.classes
    return tuple(
        Mistake(
            id=dataset.ids[rows[row]],
            truth=names[labels[row]],
            predicted=names[predicted[row]],
            confidence=float(confidence[row]),
            excerpt=excerpt_of(dataset.items[rows[row]], dataset.modality),
            thumbnail=thumbnail_of(dataset.items[rows[row]], dataset.modality),
        )
        for row in worst
    )


def source_name(source: Any) -> str:
    if source is None:
        return ""
    if isinstance(source, Dataset):
        return source.domain.name
    return Path(source).name if isinstance(source, str | Path) else type(source).__name__


def versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
