"""Co-Tuning: the source's classes go on being predicted, from what they have to do with the target's (You et al.,
NeurIPS 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.arrays import Labels, Matrix
from headstart.errors import DataError
from headstart.problem import UNLABELLED
from headstart.training.batches import Batch
from headstart.training.mixing import soft
from headstart.training.terms.term import Term


class CoTuning(Term):
    """Mean over the labelled rows of -Σ_s p(s | y) log softmax(source head's output)_s.

    The paper weighs it with 2.3 beside the target's own cross-entropy.

    relationship  p(s | y), (target classes, source classes), rows sum to 1: see `relationship`
    features      path of the layer that the source head reads, as the model gives it (pooled)
    head          path of the source head, a part of the model that its forward pass need not use; it trains along
    """

    needs = ("labels",)

    def __init__(self, relationship: Tensor, *, features: str, head: str) -> None:
        self.relationship, self.layers, self.head = relationship.float(), (features,), head

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        logits = model.get_submodule(self.head)(batch.at(model, self.layers[0]))
        known = self.relationship.to(logits.device)
        if logits.shape[1] != known.shape[1]:
            raise DataError(
                f"the relationship is over {known.shape[1]} source classes, the head '{self.head}' gives "
                f"{logits.shape[1]}; both come from one source network"
            )
        labels = soft(batch["labels"], len(known))
        total = -(labels @ known * functional.log_softmax(logits, dim=1)).sum()
        return total / labels.sum().clamp(min=torch.finfo(torch.float32).tiny)


def relationship(source_proba: Matrix, labels: Labels, n_classes: int) -> Tensor:
    """p(source class | target class): the mean of the source's probabilities over each class's rows (the paper's direct
    way); (C, source classes). Calibrated probabilities make it truer, as the paper says.

    source_proba  (n, source classes), the source network's own opinion of the target's training rows

    Raises `DataError` for a class without rows.
    """
    rows = []
    for code in range(n_classes):
        members = source_proba[(labels == code) & (labels != UNLABELLED)]
        if not len(members):
            raise DataError(f"class {code} has no labelled row, so nothing is known of it; leave it out, or label some")
        rows.append(torch.from_numpy(members.mean(axis=0)))
    return torch.stack(rows).float()
