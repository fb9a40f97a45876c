"""Train and test rows, and folds inside train: stratified, by content, copies and groups kept together.

Where a row goes is decided by SHA-256(seed, content): it is the same tomorrow, on another machine, under another path
and in another order, and a few added rows move few others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from headstart.arrays import Rows
from headstart.data.dataset import Dataset
from headstart.data.dealing import Dealer, Fold
from headstart.errors import DataError

Kind: TypeAlias = Literal["given", "held out", "cross-validation"]

FEWEST_TEST_ROWS = 50
FEWEST_TEST_UNITS = 5
FEWEST_FITS = 10


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the dataset, labelled rows only.

    kind    "given" with the data, "held out" by us, or "cross-validation" where too few rows are there to hold out
    train   what models learn from
    test    what nothing is chosen by; empty in cross-validation
    folds   (fit rows, score rows) inside train, for choosing; in cross-validation repeated, at least ten
    digest  of the whole assignment by content: equal digests are equal splits
    """

    kind: Kind
    train: Rows
    test: Rows
    folds: tuple[Fold, ...]
    digest: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        held = f"{len(self.test)} test rows" if len(self.test) else "no test rows"
        head = f"{self.kind}: {len(self.train)} training rows in {len(self.folds)} folds, {held}"
        return "\n".join([head, *(f"  note: {note}" for note in self.notes)])


def split(dataset: Dataset, *, test: float = 0.25, folds: int = 5, seed: int = 0) -> Split:
    """Split the labelled rows.

    A split that came with the data is kept: its test part is the test, or, with train and validation only, its
    validation part is. With all three, validation is the one fold that choices are made by. Training rows that share
    content or group with a test row are left out of both sides, and a note says how many.

    Otherwise a share `test` of every class is held out; a class keeps at least one training row, and gives at least
    one test row if it has two. Where that would leave fewer than 50 test rows, fewer than 5 independent units, or
    (below 1,000 rows) classes with fewer than 2 test rows, nothing is held out and the folds are repeated instead.

    Raises `DataError` where fewer than two independent samples are labelled.
    """
    if not 0 < test < 1:
        raise DataError(f"test={test} is no share of the rows; it lies between 0 and 1")
    if folds < 2:
        raise DataError(f"folds={folds}; at least 2 are needed, one to fit on and one to score")
    dealer = Dealer(dataset, seed)
    given = _given(dealer, folds)
    if given is not None:
        return given
    rows = dataset.labelled
    notes = ("the given parts hold no labelled training and held-out rows; split anew",) if dataset.parts else ()
    if dealer.n_units(rows) < 2:
        units = dealer.n_units(rows)
        raise DataError(f"{len(rows)} labelled samples in {units} independent units; at least 2 are needed")
    if _too_few(dealer, rows, test):
        many = dealer.deal(rows, folds, at_least=FEWEST_FITS)
        few = (
            f"{len(rows)} labelled rows are too few to hold some out: scores come from {len(many)} cross-validated fits"
        )
        return _finished(dealer, "cross-validation", rows, rows[:0], many, (*notes, few))
    held = dealer.hold_out(rows, test)
    train = rows[~held]
    return _finished(dealer, "held out", train, rows[held], dealer.deal(train, folds), notes)


def first_repeat(folds: Sequence[Fold]) -> tuple[Fold, ...]:
    """The folds up to the first whose score rows were scored before: every row at most once."""
    scored: set[int] = set()
    found: list[Fold] = []
    for fit, score in folds:
        rows = score.tolist()
        if not scored.isdisjoint(rows):
            break
        scored.update(rows)
        found.append((fit, score))
    return tuple(found)


def _too_few(dealer: Dealer, rows: Rows, test: float) -> bool:
    if len(rows) * test < FEWEST_TEST_ROWS or dealer.n_units(rows) * test < FEWEST_TEST_UNITS:
        return True
    counts = np.bincount(dealer.labels[rows])
    several = counts[counts > 1]
    return len(rows) < 1000 and bool(len(several)) and several.min() * test < 2


def _given(dealer: Dealer, folds: int) -> Split | None:
    """The split that came with the data; None where that holds no labelled training or no labelled held-out part."""
    if dealer.dataset.parts is None:
        return None
    rows, parts = dealer.dataset.labelled, np.array(dealer.dataset.parts)[dealer.dataset.labelled]
    test, validation = rows[parts == "test"], rows[parts == "validation"]
    train = rows[(parts == "train") | (parts == "")]
    if not len(test):
        test, validation = validation, test
    if not len(train) or not len(test):
        return None
    sound = ~dealer.shares_units(train, test)
    sound_validation = validation[~dealer.shares_units(validation, test)]
    notes = _leaks(len(train) + len(validation) - sound.sum() - len(sound_validation))
    train = train[sound]
    if not len(train):
        raise DataError(
            "every training row of the given split stands in its test part as well; nothing is left to learn"
        )
    if len(sound_validation):
        fit = train[~dealer.shares_units(train, sound_validation)]
        if len(fit):
            everything = np.sort(np.concatenate([train, sound_validation]))
            return _finished(dealer, "given", everything, test, ((fit, sound_validation),), notes)
    if dealer.n_units(train) < 2:
        raise DataError("the training part has one independent sample; at least 2 are needed to choose anything by")
    return _finished(dealer, "given", train, test, dealer.deal(train, folds), notes)


def _leaks(n: Any) -> tuple[str, ...]:
    return (f"{n} rows outside the test part share content or group with a test row and were left out",) if n else ()


def _finished(
    dealer: Dealer, kind: Kind, train: Rows, test: Rows, folds: Sequence[Fold], notes: tuple[str, ...] = ()
) -> Split:
    where = dict.fromkeys(train.tolist(), "train") | dict.fromkeys(test.tolist(), "test")
    for number, (_, score) in enumerate(folds):
        for row in score.tolist():
            where[row] += f" {number}"
    lines = sorted(f"{dealer.digests[row].hex()} {place}" for row, place in where.items())
    name = hashlib.sha256("\n".join([kind, *lines]).encode()).hexdigest()
    return Split(kind, train, test, tuple(folds), name, (*notes, *_about_classes(dealer.dataset, train, test)))


def _about_classes(dataset: Dataset, train: Rows, test: Rows) -> Iterator[str]:
    names = dataset.task.classes
    learned = np.bincount(dataset.labels[train], minlength=len(names))
    tested = np.bincount(dataset.labels[test], minlength=len(names))
    single = [name for name, count in zip(names, learned, strict=True) if count == 1]
    if single:
        yield f"classes with one training row are never scored with a row to learn from: {', '.join(single[:6])}"
    unseen = [names[label] for label in np.flatnonzero(tested) if not learned[label]]
    if unseen:
        yield f"classes of the test part that no training row has: {', '.join(unseen[:6])}"
