"""Preflight: every sample is looked at once, before anything is computed; what cannot be used is listed, with why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headstart.data.checking import Memo, examine
from headstart.data.dataset import Dataset, Reject
from headstart.errors import DataError
from headstart.problem import UNLABELLED, Task

ONE_SIDED = 0.9


@dataclass(frozen=True, eq=False)
class Preflight:
    """What the preflight found.

    dataset     the samples that can be used, with `digests`, and with `rejects` added to those of the reader
    rejects     all of them
    duplicates  ids of samples with equal content, one tuple per content
    conflicts   those of them whose labels disagree: they count as unlabelled in `dataset`
    warnings    sentences a person should read before trusting a result
    """

    dataset: Dataset
    rejects: tuple[Reject, ...]
    duplicates: tuple[tuple[str, ...], ...]
    conflicts: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        shown = [f"  left out: {reject.id}: {reject.reason}" for reject in self.rejects[:10]]
        more = [f"  … and {len(self.rejects) - 10} more"] if len(self.rejects) > 10 else []
        head = f"{len(self.dataset)} samples can be used, {len(self.rejects)} cannot"
        return "\n".join([head, *shown, *more, *(f"  warning: {warning}" for warning in self.warnings)])


def preflight(dataset: Dataset, *, known: Memo | None = None, progress: bool = False) -> Preflight:
    """Read every sample once: decode pictures, look for empty texts, NaN and infinity, equal content, odd labels.

    known     digest → "" (usable) or the reason; what it knows is not decoded again, what is learned is added at once
    progress  show a bar

    Samples of equal content whose labels disagree lose their label: nobody can say which one is right, and either way
    a model would be scored on a coin toss. Classes that no sample is left of are dropped from the task.

    Raises `DataError`, with the most common reasons, where no sample can be used.
    """
    verdicts = examine(dataset, known=known, progress=progress)
    bad = [row for row, verdict in enumerate(verdicts) if verdict.reason]
    left_out = tuple(Reject(dataset.ids[row], verdicts[row].reason) for row in bad)
    rejects = (*dataset.rejects, *left_out)
    if len(bad) == len(dataset):
        raise DataError(_nothing_left(dataset, rejects))
    good = np.delete(np.arange(len(dataset)), bad)
    clean = replace(
        dataset.take(good) if bad else dataset,
        digests=tuple(verdicts[row].digest for row in good),
        rejects=rejects,
        notes=dataset.notes,
    )
    same = _same_content(clean)
    conflicts = [rows for rows in same if len({int(clean.labels[row]) for row in rows} - {UNLABELLED}) > 1]
    clean = _without_empty_classes(_unlabel(clean, conflicts))
    warnings = (*_about_rejects(left_out), *_about_copies(clean, same, conflicts), *_about_classes(clean, dataset.task))
    return Preflight(clean, rejects, _ids(clean, same), _ids(clean, conflicts), warnings)


def require_learnable(dataset: Dataset) -> None:
    """Raise `DataError` unless there are labels, of at least two classes, and something to hold out."""
    counts = dataset.class_counts
    if not counts.sum():
        hints = [note for note in dataset.notes if "label" in note]
        raise DataError(
            f"none of the {len(dataset)} samples has a label, so there is nothing to learn from; "
            f"name the label column, or sort pictures into one folder per class{_in_brackets(hints[:1])}"
        )
    present = np.flatnonzero(counts)
    if len(present) == 1:
        hints = [note for note in dataset.notes if "subfolders" in note]
        raise DataError(
            f"all {counts.sum()} labelled samples are '{dataset.task.classes[present[0]]}'; "
            f"a classifier needs at least two classes{_in_brackets(hints)}"
        )
    parts = [dataset.parts[row] for row in dataset.labelled] if dataset.parts is not None else []
    if counts.max() == 1 and not {"test", "validation"} & set(parts):
        raise DataError(
            f"each of the {len(present)} classes has one sample, so none can be held out to test on; "
            "label at least two per class (or is this the wrong label column?)"
        )


def _in_brackets(hints: Sequence[str]) -> str:
    return f" ({'; '.join(hints)})" if hints else ""


def _common_reasons(rejects: Sequence[Reject]) -> str:
    counts = Counter(reject.reason.partition(":")[0] for reject in rejects)
    return ", ".join(f"{count} x {reason}" for reason, count in counts.most_common(3))


def _nothing_left(dataset: Dataset, rejects: Sequence[Reject]) -> str:
    if not rejects:
        return "there are no samples"
    first = rejects[-len(dataset)] if len(dataset) else rejects[0]
    return (
        f"none of the {len(dataset)} samples can be used: {_common_reasons(rejects)}; first: {first.id}: {first.reason}"
    )


def _same_content(dataset: Dataset) -> list[list[int]]:
    rows_of: dict[bytes, list[int]] = defaultdict(list)
    for row, name in enumerate(dataset.digests or ()):
        rows_of[name].append(row)
    return [rows for rows in rows_of.values() if len(rows) > 1]


def _unlabel(dataset: Dataset, sets: Sequence[Sequence[int]]) -> Dataset:
    labels = dataset.labels.copy()
    for rows in sets:
        labels[list(rows)] = UNLABELLED
    return replace(dataset, labels=labels)


def _without_empty_classes(dataset: Dataset) -> Dataset:
    held = Task(tuple(name for name, count in zip(dataset.task.classes, dataset.class_counts, strict=True) if count))
    return dataset if held == dataset.task else dataset.relabelled(held)


def _ids(dataset: Dataset, sets: Sequence[Sequence[int]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(dataset.ids[row] for row in rows) for rows in sets)


def left_out_of(sides: Sequence[Dataset]) -> tuple[str, ...]:
    """A sentence about each of several data sets that lacks samples which could not be used."""
    return tuple(
        f"left out of {side.domain.name or 'a side'}: {len(side.rejects)}, first: {side.rejects[0].id}: "
        f"{side.rejects[0].reason}"
        for side in sides
        if side.rejects
    )


def _about_rejects(left_out: Sequence[Reject]) -> Iterator[str]:
    if left_out:
        yield f"samples that cannot be used: {len(left_out)} ({_common_reasons(left_out)})"


def _about_copies(dataset: Dataset, same: Sequence[Sequence[int]], conflicts: Sequence[Sequence[int]]) -> Iterator[str]:
    if same:
        copies = sum(len(rows) - 1 for rows in same)
        yield f"exact copies of other samples: {copies}; copies stay on one side of every split"
    if conflicts:
        rows = sum(len(rows) for rows in conflicts)
        first = ", ".join(dataset.ids[row] for row in conflicts[0][:3])
        yield f"samples of equal content but different labels: {rows}; they count as unlabelled, first: {first}"
    if dataset.parts is not None:
        parts = dataset.parts
        across = sum(len({parts[row] for row in rows}) > 1 for rows in same)
        if across:
            yield f"contents that stand in more than one part of the given split: {across}; the split leaks"


def _about_classes(dataset: Dataset, before: Task) -> Iterator[str]:
    lost = [name for name in before.classes if name not in dataset.task.classes]
    if lost:
        yield f"no usable sample is left of class {', '.join(lost[:6])}; dropped"
    counts = dataset.class_counts
    single = [name for name, count in zip(dataset.task.classes, counts, strict=True) if count == 1]
    if single:
        names = ", ".join(single[:6])
        yield f"classes of a single sample, which cannot be both learned and tested: {len(single)} ({names})"
    if len(counts) > 1 and counts.max() >= ONE_SIDED * counts.sum():
        name, share = dataset.task.classes[int(counts.argmax())], counts.max() / counts.sum()
        yield f"{share:.0%} of the labelled samples are '{name}': look at the accuracy of each class, not at the mean"
