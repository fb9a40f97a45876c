"""Distillation: be as sure as the teacher, of everything (Hinton, Vinyals & Dean, 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.term import Term


class Distill(Term):
    """T² · mean over rows of KL(softmax(teacher / T) ‖ softmax(student / T)), every row counted, labelled or not.

    The factor T² keeps the gradient's size while the temperature changes (section 2 of the paper).

    teacher      a network of the same classes, held in eval mode and without gradients; None where the batches carry
                 its outputs before the softmax, computed once, in a column "teacher" (n, C)
    temperature  T; higher ones show more of what the teacher thinks of the wrong classes
    """

    def __init__(self, teacher: nn.Module | None = None, *, temperature: float = 4.0) -> None:
        if not temperature > 0:
            raise ValueError(f"the temperature must be positive, got {temperature}")
        self.teacher, self.temperature = teacher, temperature
        self.needs = () if teacher is not None else ("teacher",)

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        student, taught = batch.through(model), self._taught(batch)
        if student.shape != taught.shape:
            raise DataError(
                f"the teacher gives {tuple(taught.shape)} where the student gives {tuple(student.shape)}; "
                f"both need the same classes, in the same order"
            )
        hotter = functional.log_softmax(student / self.temperature, dim=1)
        wanted = functional.log_softmax(taught / self.temperature, dim=1)
        return self.temperature**2 * functional.kl_div(hotter, wanted, reduction="batchmean", log_target=True)

    def _taught(self, batch: Batch) -> Tensor:
        if self.teacher is None:
            return batch["teacher"]
        with torch.no_grad():
            output: Tensor = batch.through(self.teacher.eval())
        return output
