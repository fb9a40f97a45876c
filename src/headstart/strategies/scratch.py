"""From scratch: what the target's labels alone teach, the baseline that every transfer has to beat."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from headstart.arrays import Labels, Matrix, Rows
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.errors import DataError
from headstart.strategies.learner import Learned, Learner, columns_of, proba_of
from headstart.strategies.linear_learner import LinearLearner
from headstart.strategies.picture_learner import PictureLearner
from headstart.strategies.recipes import Recipe
from headstart.strategies.vector_learner import VectorLearner
from headstart.training.checkpoint import Checkpoint

WIDEST = 5_000  # columns that a small network is still trained on
MOST_VALUES = 200_000_000  # values held as dense float32 (0.8 GB)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trained(Learned):
    """What came out: backbone, head and loss per step, as `Learned`; and the wall seconds it took."""

    seconds: float
    n_classes: int
    learner: Learner

    def proba(self, rows: Rows) -> Matrix:
        """Class probabilities of the dataset's rows; (n, n_classes) float64."""
        return proba_of(self, self.learner.samples(np.asarray(rows)), self.n_classes)


class Scratch:
    """Learns from any rows of one dataset; samples are read and prepared once.

    Pictures train a small convolutional network, vectors a small fully connected one; texts, and rows of more than
    5,000 columns, a logistic regression (on tf-idf, on the rows), which no network trained from nothing beats there.

    recipe  how to train; None lets the number of labelled rows decide
    start   the network whose weights training starts from (then it is fine-tuning); None: random weights
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        seed: int = 0,
        recipe: Recipe | None = None,
        start: NetworkBackbone | None = None,
        progress: bool = False,
    ) -> None:
        self.dataset, self.seed, self.recipe, self.start, self.progress = dataset, seed, recipe, start, progress

    def fit(self, rows: Rows, n_classes: int, *, checkpoint: Checkpoint | None = None) -> Trained:
        """Learn from labelled rows; the same seed gives the same weights, bit for bit on one machine.

        Raises `DataError` for no rows, unlabelled rows, or rows of fewer than two classes; `TrainingError` when the
        loss diverges.
        """
        rows = np.asarray(rows, dtype=np.int64)
        check_learnable(self.dataset.labels[rows], n_classes)
        learner = self.learner
        started = time.perf_counter()
        learned = learner.learn(rows, n_classes, recipe=self.recipe, seed=self.seed, checkpoint=checkpoint)
        return Trained(
            backbone=learned.backbone,
            head=learned.head,
            history=learned.history,
            seconds=time.perf_counter() - started,
            n_classes=n_classes,
            learner=learner,
        )

    @cached_property
    def learner(self) -> Learner:
        """What learns from samples of this kind. Raises `DataError` where nothing does."""
        modality = self.dataset.modality
        if modality == "image":
            return PictureLearner(self.dataset, start=self.start, progress=self.progress)
        if modality == "vector" and fits_a_network(self.dataset):
            return VectorLearner(self.dataset, start=self.start, progress=self.progress)
        if modality in ("text", "vector"):
            return LinearLearner(self.dataset, progress=self.progress)
        raise DataError(f"nothing can be learned from scratch on {modality} samples yet; give images, texts or vectors")


def fits_a_network(dataset: Dataset) -> bool:
    """Whether the rows are few and short enough to be held as a dense matrix."""
    columns = columns_of(dataset)
    return columns <= WIDEST and columns * len(dataset) <= MOST_VALUES


def check_learnable(labels: Labels, n_classes: int) -> None:
    """Raise `DataError` unless there are rows, all labelled, of at least two classes below `n_classes`."""
    if not len(labels):
        raise DataError("there are no rows to learn from; label some samples of each class")
    if labels.min() < 0:
        raise DataError(f"{(labels < 0).sum()} of {len(labels)} rows to learn from have no label; give labelled rows")
    if labels.max() >= n_classes:
        raise DataError(f"a row has label code {labels.max()}, but there are {n_classes} classes (codes from 0)")
    if len(np.unique(labels)) < 2:
        raise DataError(f"all {len(labels)} rows to learn from are of one class; give samples of at least two")
