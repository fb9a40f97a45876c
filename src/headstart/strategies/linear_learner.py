"""Where a network from scratch is no contest: word statistics (tf-idf) or very wide rows, and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from headstart.arrays import Rows
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.heads.logistic import Logistic
from headstart.strategies.learner import Learned, Prepared, embedded
from headstart.strategies.recipes import Recipe
from headstart.training.checkpoint import Checkpoint


class LinearLearner:
    """tf-idf of one and two words for texts (vocabulary from the fitted rows alone); vectors as they are."""

    def __init__(self, dataset: Dataset, *, progress: bool = False) -> None:
        self.dataset, self.progress = dataset, progress

    @cached_property
    def backbone(self) -> Any:
        if self.dataset.modality == "text":
            return open_backbone("tfidf")
        items = self.dataset.items
        in_csr = isinstance(items, VectorRows) and hasattr(items.matrix, "tocsr")
        return open_backbone("raw", modality="vector", sparse=in_csr)

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.dataset, self.backbone, progress=self.progress)

    @property
    def architecture(self) -> str:
        return str(self.backbone.fingerprint)

    def recipe(self, n: int) -> None:
        return None

    def samples(self, rows: Rows) -> Sequence[Any]:
        return self._prepared(rows)

    def learn(
        self, rows: Rows, n_classes: int, *, recipe: Recipe | None, seed: int, checkpoint: Checkpoint | None
    ) -> Learned:
        samples = self.samples(rows)
        backbone = self.backbone.fitted(samples) if self.backbone.learned_from else self.backbone
        head = Logistic(seed=seed).fit(embedded(backbone, samples), self.dataset.labels[rows])
        return Learned(backbone, head)
