"""What learning from labels alone gives, and the contract of what does it for one kind of samples."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from tqdm import tqdm

from headstart.arrays import Matrix, Rows, Vector
from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.errors import DataError
from headstart.heads.logistic import Logistic
from headstart.strategies.recipes import Recipe
from headstart.training.checkpoint import Checkpoint

CHUNK = 256


@dataclass(frozen=True, eq=False)
class Learned:
    """A backbone, the head on its last layer, and the loss at every step (empty where there were no steps)."""

    backbone: Backbone
    head: Any
    history: tuple[dict[str, float], ...] = ()

    @property
    def bytes(self) -> int:
        """Size of the numbers that would be shipped: the backbone's state and the head's learned arrays."""
        arrays = sum(value.nbytes for value in vars(self.head).values() if isinstance(value, np.ndarray))
        return arrays + sum(tensor.nbytes for tensor in self.backbone.state().values())


class Learner(Protocol):
    """Prepares each of a dataset's samples once; then learns from any of its rows."""

    @property
    def architecture(self) -> str:
        """Hex digest of the network before it has learned anything."""
        ...

    def recipe(self, n: int) -> Recipe | None:
        """How it would learn from `n` rows; None where there is nothing to choose."""
        ...

    def learn(
        self, rows: Rows, n_classes: int, *, recipe: Recipe | None, seed: int, checkpoint: Checkpoint | None
    ) -> Learned:
        """Learn from labelled `rows`; a run that was killed goes on from its checkpoint."""
        ...

    def samples(self, rows: Rows) -> Sequence[Any]:
        """The dataset's rows as the learned backbone takes them."""
        ...


class Prepared:
    """The samples of a dataset as one backbone wants them: each is read when it is first asked for, and kept."""

    def __init__(self, dataset: Dataset, backbone: Backbone, *, threads: int = 4, progress: bool = False) -> None:
        self.dataset, self.backbone, self.threads, self.progress = dataset, backbone, threads, progress
        self._known: dict[int, Any] = {}

    def __call__(self, rows: Rows) -> list[Any]:
        """The given rows, in order. Raises `DataError` that names the first sample that cannot be read."""
        missing = [row for row in dict.fromkeys(rows.tolist()) if row not in self._known]
        if missing:
            self._prepare(missing)
        return [self._known[row] for row in rows.tolist()]

    def _prepare(self, rows: list[int]) -> None:
        with ThreadPoolExecutor(self.threads) as pool:
            prepared = pool.map(self._one, rows)
            shown = tqdm(prepared, "preparing", total=len(rows), disable=not self.progress, leave=False)
            self._known.update(zip(rows, shown, strict=True))

    def _one(self, row: int) -> Any:
        try:
            return self.backbone.prepare(self.dataset.items[row])
        except DataError as cause:
            name = self.dataset.ids[row]
            raise DataError(f"{name} cannot be read: {cause}; `headstart.preflight` leaves such samples out") from cause


def embedded(backbone: Backbone, samples: Sequence[Any]) -> Any:
    """The last layer of prepared samples, chunk by chunk; (n, d) or CSR. At least one sample."""
    layer = backbone.layers[-1]
    parts = []
    for first in range(0, len(samples), CHUNK):
        rows = backbone.embed(backbone.collate(samples[first : first + CHUNK]), [layer])[layer]
        parts.append(rows if sparse.issparse(rows) else rows.numpy())
    return sparse.vstack(parts, format="csr") if backbone.sparse else np.concatenate(parts)


def proba_of(learned: Learned, samples: Sequence[Any], n_classes: int) -> Matrix:
    """Probabilities (n, n_classes) of prepared samples; 0 for classes the head never saw."""
    proba = np.zeros((len(samples), n_classes))
    if len(samples):
        proba[:, learned.head.classes_] = learned.head.predict_proba(embedded(learned.backbone, samples))
    return proba


def columns_of(dataset: Dataset) -> int:
    """The length of a dataset's vectors."""
    items = dataset.items
    return int(items.matrix.shape[1] if isinstance(items, VectorRows) else np.prod(items[0].shape))


def linear_head(coef: Matrix, intercept: Vector, temperature: float = 1.0) -> Logistic:
    """A softmax layer somebody else has learned, (d, C) and (C,), as a head; its classes are 0 … C-1."""
    head = Logistic()
    head.coef_, head.intercept_ = np.array(coef, dtype=np.float64), np.array(intercept, dtype=np.float64)
    head.classes_ = np.arange(len(intercept))
    head.n_features_in_ = len(coef)
    head.temperature_ = temperature
    return head
