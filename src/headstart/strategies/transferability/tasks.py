"""The tasks A and B of a study: rows to learn from and held-out rows; halves of one data set's classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from headstart.arrays import Rows
from headstart.data.dataset import Dataset
from headstart.data.splitting import split
from headstart.errors import DataError
from headstart.problem import Task
from headstart.strategies.scratch import check_learnable

FEWEST_CLASSES = 4


@dataclass(frozen=True, eq=False)
class StudyTask:
    """One task: a dataset in its own label codes, the rows to learn from, and the rows that only score."""

    dataset: Dataset
    train: Rows
    test: Rows

    @property
    def n_classes(self) -> int:
        return self.dataset.task.n_classes

    @property
    def name(self) -> str:
        """What a person calls it: its classes."""
        classes = self.dataset.task.classes
        shown = ", ".join(classes[:5]) + (f" and {len(classes) - 5} more" if len(classes) > 5 else "")
        return f"{self.dataset.domain.name or 'data'}: {shown}"


def study_task(dataset: Dataset, *, seed: int) -> StudyTask:
    """Split the labelled rows by `seed`; where they are too few to hold some out, one fold of five is held out.

    Raises `DataError` where fewer than two classes are left to learn.
    """
    parts = split(dataset, seed=seed)
    train, test = (parts.train, parts.test) if len(parts.test) else parts.folds[0]
    check_learnable(dataset.labels[train], dataset.task.n_classes)
    return StudyTask(dataset, train, test)


def halves(dataset: Dataset, *, seed: int) -> tuple[Dataset, Dataset]:
    """The dataset as two tasks that share no class: A gets half of the classes by lot (the larger half), B the rest.

    Raises `DataError` for fewer than four classes.
    """
    classes = dataset.task.classes
    if len(classes) < FEWEST_CLASSES:
        raise DataError(
            f"a study inside one data set deals its classes out to two tasks of at least two each; {dataset.domain} "
            f"has {len(classes)}. Give a source (--from) to transfer from, or a pretrained backbone (--backbone)"
        )
    order = np.random.default_rng((seed, 1)).permutation(len(classes))
    first, second = np.sort(order[: -(len(classes) // 2)]), np.sort(order[-(len(classes) // 2) :])
    return _classes_of(dataset, first), _classes_of(dataset, second)


def _classes_of(dataset: Dataset, codes: Rows) -> Dataset:
    task = Task(tuple(dataset.task.classes[code] for code in codes))
    return replace(dataset.take(np.isin(dataset.labels, codes)), notes=dataset.notes).relabelled(task)
