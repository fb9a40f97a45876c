"""Watching rows that are not trained on: when to stop, and which weights to keep (Prechelt, 1998)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.term import Term


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Rows to watch, how often, and with how much patience.

    batches    the validation rows, e.g. `in_order(inputs, {"labels": labels}, size=256)`; read anew each time
    every      steps between two looks
    patience   looks without a new lowest loss after which training stops; None never stops, and keeps the best anyway
    objective  what is measured: cross-entropy, without what serves training alone (smoothing, anchors)

    Raises `DataError` when there are no rows.
    """

    batches: Sequence[Batch]
    every: int = 50
    patience: int | None = 5
    objective: Term = field(default_factory=CrossEntropy)

    def __post_init__(self) -> None:
        if self.every < 1 or (self.patience is not None and self.patience < 1):
            raise ValueError(f"every ({self.every}) and patience ({self.patience}) must be at least 1")
        if not len(self.batches):
            raise DataError(
                "the validation split is empty, so there is nothing to choose the best weights by; "
                "give it some rows, or train without validation"
            )

    def loss(self, model: nn.Module) -> float:
        """The objective's mean over the validation rows, with the model in eval mode and no gradients."""
        device = next(model.parameters()).device
        model.eval()
        total, rows = 0.0, 0
        with torch.no_grad():
            for batch in self.batches:
                fresh = Batch(batch.inputs, batch.columns, batch.rows, self.objective.layers).to(device)
                total += float(self.objective(fresh, model)) * len(batch)
                rows += len(batch)
        return total / rows

    def check(self) -> None:
        """Raise `DataError` when the rows lack a column that the objective needs."""
        self.objective.check(self.batches[0])

    def is_due(self, step: int, steps: int) -> bool:
        """Whether to look after step `step` of `steps`: every so often, and at the end."""
        return step % self.every == 0 or step == steps

    def has_run_out(self, step: int, best: int) -> bool:
        """Whether patience is over at `step`, the lowest loss having been found at step `best`."""
        return self.patience is not None and step - best >= self.patience * self.every
