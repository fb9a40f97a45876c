"""What is there before anything is learned: classes, rejects, duplicates, and how the rows would be split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headstart.data.dataset import Dataset, Reject
from headstart.data.inspection import preflight, require_learnable
from headstart.data.reading import read
from headstart.data.splitting import split
from headstart.errors import DataError
from headstart.features.store import Store

SHOWN = 10  # lines per list that a person reads; the rest is counted, and stands in the JSON


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The split a transfer would use: `kind` is "given", "held out" or "cross-validation"."""

    kind: str
    n_train: int
    n_test: int
    n_folds: int
    digest: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        held_out = f"{self.n_train} to learn from, {self.n_test} held out" if self.n_test else f"all {self.n_train}"
        return f"split: {self.kind}: {held_out}; choices by {self.n_folds} folds"


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A data set as preflight saw it; `str` is the page for people."""

    name: str
    modality: str
    n_samples: int
    n_unlabelled: int
    class_counts: dict[str, int]
    rejects: tuple[Reject, ...]
    duplicates: tuple[tuple[str, ...], ...]
    conflicts: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    split: Proposal | None

    def __str__(self) -> str:
        n_labelled = self.n_samples - self.n_unlabelled
        lines = [f"{self.name}: {self.n_samples:,} {self.modality} samples, {n_labelled:,} of them labelled"]
        lines += [f"  {count:>7,}  {name}" for name, count in self.class_counts.items()]
        lines += _listed("left out", [f"{reject.id}: {reject.reason}" for reject in self.rejects])
        lines += _listed("same content", [" = ".join(group) for group in self.duplicates])
        lines += _listed("same content, different labels", [" = ".join(group) for group in self.conflicts])
        lines += [f"note: {warning}" for warning in self.warnings]
        if self.split:
            lines += [str(self.split), *(f"note: {note}" for note in self.split.notes)]
        return "\n".join(lines)


def survey(
    source: Any,
    *,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: str | None = None,
    test: float = 0.25,
    seed: int = 0,
    store: Store | None = None,
    progress: bool = False,
) -> Survey:
    """Read everything once and say what a transfer would start from. Nothing is learned, nothing changed.

    What stands in the way of learning is among the `warnings`, and `split` is then None.

    Raises `DataError` when the source cannot be read at all.
    """
    dataset = read(source, text=text, image=image, label=label, group=group)
    checked = preflight(dataset, known=(store or Store()).memo("preflight"), progress=progress)
    clean = checked.dataset
    proposal, obstacles = _proposal(clean, test=test, seed=seed)
    return Survey(
        name=clean.domain.name,
        modality=clean.modality,
        n_samples=len(clean),
        n_unlabelled=len(clean.unlabelled),
        class_counts=dict(zip(clean.task.classes, clean.class_counts.tolist(), strict=True)),
        rejects=clean.rejects,
        duplicates=checked.duplicates,
        conflicts=checked.conflicts,
        warnings=(*clean.notes, *checked.warnings, *obstacles),
        split=proposal,
    )


def _proposal(dataset: Dataset, *, test: float, seed: int) -> tuple[Proposal | None, tuple[str, ...]]:
    """The split, or in its place the sentence why nothing can be learned from these samples."""
    try:
        require_learnable(dataset)
        found = split(dataset, test=test, seed=seed)
    except DataError as obstacle:
        return None, (str(obstacle),)
    proposal = Proposal(
        kind=found.kind, n_train=len(found.train), n_test=len(found.test), n_folds=len(found.folds),
        digest=found.digest, notes=found.notes,
    )  # fmt: skip
    return proposal, ()


def _listed(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  … and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    return [f"{title}: {len(lines):,}", *(f"  {line}" for line in lines[:SHOWN]), *more]
