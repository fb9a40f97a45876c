"""Cross-entropy with label smoothing (Szegedy et al., CVPR 2016) and class weights; unlabelled rows count nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.arrays import Labels
from headstart.errors import DataError
from headstart.problem import UNLABELLED
from headstart.training.batches import Batch, check_labels
from headstart.training.terms.term import Term


class CrossEntropy(Term):
    """Mean over the labelled rows of -Σ_c q_c log softmax(output)_c, with q = (1-s) one-hot + s/C.

    Labels may also be rows of weights over the classes (n, C), as mixing makes them; a row of zeros counts nothing.

    smoothing      s in [0, 1)
    class_weights  C numbers; a row counts as much as its class (None: all the same)
    """

    needs = ("labels",)

    def __init__(self, *, smoothing: float = 0.0, class_weights: Sequence[float] | None = None) -> None:
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
        self.smoothing = smoothing
        self.class_weights = class_weights

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        logits, labels = batch.through(model), batch["labels"]
        weights = None if self.class_weights is None else torch.as_tensor(self.class_weights).to(logits)
        if weights is not None and weights.shape != logits.shape[1:]:
            raise DataError(
                f"{len(self.class_weights or ())} class weights were given for {logits.shape[1]} classes; give one for "
                "each"
            )
        if labels.is_floating_point():
            return self._of_soft(logits, labels, weights)
        if not (labels != UNLABELLED).any():
            return logits.sum() * 0.0  # a mean over no rows would be NaN
        try:
            return functional.cross_entropy(
                logits, labels, weight=weights, ignore_index=UNLABELLED, label_smoothing=self.smoothing
            )
        except IndexError:  # a CPU says so; a GPU cannot: give `Batches` the number of classes
            check_labels(labels, logits.shape[1])
            raise

    def _of_soft(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """As above with one-hot rows replaced by any rows; divided by the weight of what the rows say."""
        weights = torch.ones_like(logits[0]) if weights is None else weights
        mass = labels.sum(dim=1, keepdim=True)
        smooth = (1 - self.smoothing) * labels + self.smoothing * mass / logits.shape[1]
        total = -(smooth * weights * functional.log_softmax(logits, dim=1)).sum()
        return total / (labels * weights).sum().clamp(min=torch.finfo(logits.dtype).tiny)


def balanced_weights(labels: Labels, n_classes: int) -> tuple[float, ...]:
    """Weights under which every class that occurs counts the same; they average 1 over the labelled rows."""
    counts = np.bincount(labels[labels != UNLABELLED], minlength=n_classes)
    present = np.count_nonzero(counts)
    return tuple(float(counts.sum() / (present * count)) if count else 0.0 for count in counts)
