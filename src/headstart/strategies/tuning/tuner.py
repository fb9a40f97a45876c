"""Fine-tuning one network on rows of one dataset: closed-form head first, then the layers that may move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from headstart.arrays import Labels, Matrix, Rows
from headstart.backbones.backbone import Backbone
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.data.samples import digest
from headstart.errors import DataError
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.heads.head import Head
from headstart.strategies.scratch import check_learnable
from headstart.strategies.tuning.fitness import check_fits
from headstart.strategies.tuning.inputs import Inputs, inputs_above
from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.memory import Memory
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.rounds import Patience
from headstart.strategies.tuning.run import Stop, tune
from headstart.strategies.tuning.source_head import add_source_head
from headstart.strategies.tuning.start import frozen_head, ridge_start
from headstart.training.moving import Moving, moving
from headstart.training.stochastic_norm import stochastic_norms
from headstart.training.trainable import Trainable
from headstart.training.views.usual import usual_augmenter
from headstart.training.views.view import Augmenter


class Tuner:
    """Trains copies of `backbone`'s moving part on rows of `dataset`; finished runs are kept in the store.

    rows    all rows that will be asked for; `train` those that may be learned from
    labels  of the whole dataset, -1 where there is none

    Raises `TrainingError` where nothing would move or an option would do nothing, `UnknownName` for an unknown layer,
    `DataError` where there is nothing to learn from (no rows, one class, labels outside the classes) or to mix.
    """

    def __init__(
        self,
        dataset: Dataset,
        backbone: Backbone,
        recipe: TuningRecipe,
        *,
        rows: Rows,
        train: Rows,
        seed: int,
        store: Store,
        progress: bool = False,
    ) -> None:
        self.moving: Moving = moving(backbone, recipe.move, batch_norm=recipe.batch_norm)
        assert isinstance(backbone, NetworkBackbone), "nothing else has weights that move"
        check_fits(recipe, self.moving, backbone, dataset.modality)
        check_learnable(dataset.labels[train], dataset.task.n_classes)
        self.dataset, self.backbone, self.recipe = dataset, backbone, recipe
        self.rows, self.train, self.seed, self.store, self.progress = np.unique(rows), train, seed, store, progress
        self.n_classes = dataset.task.n_classes

    @cached_property
    def inputs(self) -> Inputs:
        """What the moving part is fed; activations are computed (or read) when this is first asked for."""
        return inputs_above(
            self.backbone, self.moving.boundary, self.dataset, self.rows, train=self.train, views=self.recipe.views,
            augment=self.augmenter, store=self.store, progress=self.progress,
        )  # fmt: skip

    @property
    def augmenter(self) -> Augmenter | None:
        if self.recipe.views == 1 or self.dataset.modality == "vector":
            return None
        return usual_augmenter(self.dataset.modality)

    @cached_property
    def _embedded(self) -> Matrix:
        """The frozen network's last layer for `rows`, as float32; (m, d)."""
        layer = self.backbone.layers[-1]
        blocks = extract(
            self.dataset.take(self.rows), self.backbone, layers=[layer], store=self.store, progress=self.progress
        )
        return np.asarray(blocks[layer].X)

    def embedded(self, rows: Rows) -> Matrix:
        """What the frozen network says of some of its rows; (n, d)."""
        return np.asarray(self._embedded[np.searchsorted(self.rows, rows)])

    def untrained(self, rows: Rows) -> Head:
        """The head that the frozen network would be given, fitted on `rows` alone."""
        return frozen_head(self.embedded(rows), self.labels(rows), self.n_classes, seed=self.seed)

    def labels(self, rows: Rows) -> Labels:
        return self.dataset.labels[rows]

    def start(self, rows: Rows) -> Trainable:
        """The untrained moving part under a head that was fitted on `rows` alone."""
        embedded = self.embedded(rows)
        coef, intercept = ridge_start(embedded, self.labels(rows), self.n_classes)
        model = Trainable(
            self.backbone, self.moving, coef, intercept, batch_norm=self.recipe.batch_norm, rank=self.recipe.rank
        )
        if self.recipe.stochastic_norm:
            stochastic_norms(model.part, share=self.recipe.stochastic_norm)
        if self.recipe.regulariser == "co-tuning":
            add_source_head(model, self.backbone, embedded, self.labels(rows))
        return model

    def curve(self, fit: Rows, watch: Rows) -> Curve:
        """Learn from `fit` until patience with `watch` ends; what `watch` got after every round."""
        if not len(watch):
            raise DataError("the validation part is empty, so nothing says when to stop; leave some rows for it")
        memory = self._memory(self.recipe, fit, watch=watch, rounds=None)
        if finished := memory.finished():
            return finished[0]
        check_learnable(self.labels(fit), self.n_classes)
        patience = Patience(self.labels(watch), rounds=self.recipe.patience)
        curve = self._tuned(self.recipe, self.start(fit), fit, watch, memory, stop=patience)
        memory.keep(curve)
        return curve

    def trained(self, fit: Rows, *, rounds: int, way: float = 1.0) -> tuple[Trainable, Curve]:
        """Learn from `fit` for so many rounds of the same schedule, and go that share of the way from the start to
        where they end (of the recipe's own, where it goes part of it anyway); nothing is watched."""
        recipe = replace(self.recipe, wise=way * self.recipe.wise)
        memory, model = self._memory(recipe, fit, watch=fit[:0], rounds=rounds), self.start(fit)
        if finished := memory.finished():
            model.load_state_dict(finished[1])
            return model, finished[0]
        curve = self._tuned(recipe, model, fit, fit[:0], memory, rounds=rounds)
        memory.keep(curve, model.state_dict())
        return model, curve

    def _tuned(
        self, recipe: TuningRecipe, model: Trainable, fit: Rows, watch: Rows, memory: Memory, *,
        rounds: int | None = None, stop: Stop | None = None,
    ) -> Curve:  # fmt: skip
        return tune(
            model, self.inputs, fit, self.labels(fit), recipe=recipe, watch=watch, seed=self.seed, rounds=rounds,
            stop=stop, checkpoint=memory.checkpoint, progress=self.progress,
        )  # fmt: skip

    def _memory(self, recipe: TuningRecipe, fit: Rows, *, watch: Rows, rounds: int | None) -> Memory:
        about = {
            "fingerprint": self.backbone.fingerprint,
            "moves": self.moving.parameters,
            "boundary": self.moving.boundary,
            "recipe": recipe.to_json(),
            "augmentation": None if self.augmenter is None else self.augmenter.describe(),
            "classes": self.n_classes,
            "seed": self.seed,
            "fit": self._content(fit),
            "watch": self._content(watch),
            "rounds": rounds,
        }
        if self.dataset.modality == "text":
            about["batches"] = "of like lengths"
        if self.recipe.regulariser == "co-tuning" and self.backbone.classifier is not None:
            about["source head"] = fingerprint(self.backbone.classifier.state_dict(), {})
        return Memory.of(self.store.folder("tuned"), about)

    def _content(self, rows: Rows) -> Sequence[tuple[str, int]]:
        digests = self._digests
        return [(digests[row].hex(), int(self.dataset.labels[row])) for row in rows.tolist()]

    @cached_property
    def _digests(self) -> Sequence[bytes]:
        return self.dataset.digests or [digest(item) for item in self.dataset.items]
