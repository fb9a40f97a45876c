"""Which weights a run keeps, and ends with: the last, an average, or those that did best on the validation rows."""

from __future__ import annotations

from contextlib import nullcontext

from torch import nn

from headstart.training.averaging import Average
from headstart.training.best import Best
from headstart.training.checkpoint import Companion
from headstart.training.precision import Precision
from headstart.training.trend import Trend
from headstart.training.validation import Validation

LOOKS = 20  # at the training loss over a run, where there are no validation rows


class Keeper:
    """Follows a run of `steps` steps; `companions` is what must be in its checkpoints to go on the same."""

    def __init__(
        self,
        model: nn.Module,
        *,
        steps: int,
        average: float | Average | None,
        validation: Validation | None,
        numbers: Precision,
    ) -> None:
        self.model, self.steps, self.validation, self.numbers = model, steps, validation, numbers
        self.best, self.trend = Best(model), Trend()
        self.average = Average(model, decay=average) if isinstance(average, int | float) else average
        self.companions: dict[str, Companion] = {"best": self.best, "trend": self.trend}
        if self.average:
            self.companions["average"] = self.average
        if validation:
            validation.check()

    def has_enough(self, step: int) -> bool:
        """Whether patience is over after `step` steps."""
        return self.validation is not None and self.validation.has_run_out(step, self.best.step)

    def is_broken(self, loss: float) -> bool:
        """Whether the losses, with this one, run away."""
        return self.trend.add(loss).runs_away

    def step_done(self, step: int) -> float | None:
        """Take in the weights after `step` steps; the validation loss where it was time to look."""
        if self.average:
            self.average.step_done(self.model)
        if self.validation is None:
            if step % max(1, self.steps // LOOKS) == 0:
                self.best.offer(self.model, value=self.trend.value, step=step)
            return None
        if not self.validation.is_due(step, self.steps):
            return None
        with self.average.inside(self.model) if self.average else nullcontext(), self.numbers.autocast():
            lost = self.validation.loss(self.model)
            self.best.offer(self.model, value=lost, step=step)
        return lost

    def give_up(self) -> None:
        """The run is broken: the best weights there were."""
        self.average = None  # it has gone the same way
        self.best.restore(self.model)

    def finish(self) -> None:
        """The weights to end with, in eval mode."""
        if self.validation and self.best.step:
            self.best.restore(self.model)
        elif self.average:
            self.average.write(self.model)
        self.model.eval()
