"""The ground every entry is scored on: the same rows, the same folds, the same held-out part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.arrays import Labels, Mask, Matrix, Rows, Vector
from headstart.data.dataset import Dataset
from headstart.data.splitting import Split
from headstart.models.feature_map import FeatureMap
from headstart.models.member import Member
from headstart.results import Interval, Score
from headstart.stats.intervals import accuracy_score_interval, paired_gain
from headstart.strategies.findings import Kind, Mixing, Training


@dataclass(frozen=True, eq=False)
class Ground:
    """A dataset that has passed preflight, and its split."""

    dataset: Dataset
    split: Split
    seed: int = 0

    @property
    def labels(self) -> Labels:
        return self.dataset.labels

    @property
    def train(self) -> Rows:
        return self.split.train

    @property
    def test(self) -> Rows:
        return self.split.test

    @property
    def n_classes(self) -> int:
        return self.dataset.task.n_classes

    @property
    def local_folds(self) -> tuple[tuple[Rows, Rows], ...]:
        """The folds as positions within `train`, for matrices that hold the training rows alone."""
        position = np.full(len(self.dataset), -1, dtype=np.int64)
        position[self.train] = np.arange(len(self.train))
        return tuple((position[fit], position[score]) for fit, score in self.split.folds)

    @property
    def n_folds(self) -> int:
        """Folds in one repeat (2 where a given validation part is the only one: the smallest that has a variance)."""
        n_scored = np.mean([len(score) for _, score in self.split.folds])
        return max(2, round(len(self.train) / float(n_scored)))

    def groups(self, rows: Rows) -> tuple[str, ...] | None:
        """The groups of some rows: intervals must not count one group's rows as independent."""
        groups = self.dataset.groups
        return None if groups is None else tuple(groups[row] for row in rows)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """An entry with everything measured on the ground and everything needed to become a model.

    validation  (n_train, C) mean out-of-fold probabilities
    runs        (repeats, n_train) right (1) or wrong (0) in each repeat of the folds; dear nulls have fewer
    test        (n_test, C) probabilities of the entry refitted on all training rows
    head        fitted on all training rows; None for the majority class, which needs none
    members     of a mixture, which has neither map nor head of its own
    """

    name: str
    kind: Kind
    validation: Matrix
    runs: Matrix
    test: Matrix
    map: FeatureMap | None = None
    head: Any = None
    head_name: str = ""
    cost: tuple[float, ...] = (0.0,)
    seconds: float = 0.0
    bytes: int = 0
    note: str = ""
    # For learning curves: fits on these training rows (positions in the dataset) and predicts the held-out ones.
    refit: Callable[[Rows, Rows], Matrix] | None = None
    training: Training | None = None
    members: tuple[Member, ...] = ()
    mixing: Mixing | None = None

    @property
    def parts(self) -> tuple[Member, ...]:
        """What it becomes a model of; nothing for what needs no backbone and cannot be delivered."""
        return self.members or (() if self.map is None else (Member(self.map, self.head),))

    def correct_in_test(self, ground: Ground) -> Vector:
        """1 or 0 per held-out row."""
        return correctness(self.test, ground.labels[ground.test])

    def validation_score(self, ground: Ground) -> Score:
        return score_of(self.runs, ground, ground.train)

    def test_score(self, ground: Ground) -> Score | None:
        return score_of(self.correct_in_test(ground), ground, ground.test) if len(ground.test) else None

    def gain_over(self, other: Evaluated, ground: Ground) -> Interval:
        """Accuracy gained over `other` on the same held-out rows, paired (on the folds where no row is held out)."""
        if len(ground.test):
            rows, mine, theirs = ground.test, self.correct_in_test(ground), other.correct_in_test(ground)
        else:
            rows, (mine, theirs) = ground.train, common_runs(self, other)
        both = scored_in(mine) & scored_in(theirs)
        groups = ground.groups(rows[both])
        return paired_gain(mine[..., both], theirs[..., both], groups=groups, folds=ground.n_folds)


def common_runs(first: Evaluated, second: Evaluated) -> tuple[Matrix, Matrix]:
    """The repeats that both were scored in."""
    repeats = min(len(first.runs), len(second.runs))
    return first.runs[:repeats], second.runs[:repeats]


def correctness(proba: Matrix, labels: Labels) -> Vector:
    """1.0 where the most probable class is the label, else 0.0.

    >>> correctness(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1]))
    array([1., 0.])
    """
    return np.asarray(proba.argmax(axis=1) == labels, dtype=np.float64)


def scored_in(correct: Matrix) -> Mask:
    """The rows that every repeat scored (a given validation part scores only itself)."""
    return np.asarray(~np.isnan(np.atleast_2d(correct)).any(axis=0))


def score_of(correct: Matrix, ground: Ground, rows: Rows) -> Score:
    """Accuracy with its interval over the rows that were scored; (n,) or (repeats, n)."""
    scored = scored_in(correct)
    return accuracy_score_interval(correct[..., scored], groups=ground.groups(rows[scored]), folds=ground.n_folds)
