"""What a recipe may add to plain fine-tuning: all of it is off unless it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

from headstart.errors import UnknownName
from headstart.training.precision import PrecisionName

Rates: TypeAlias = Literal["decay", "relative"]
RATES: tuple[Rates, ...] = get_args(Rates)
ClassWeights: TypeAlias = Literal["none", "balanced"]
CLASS_WEIGHTS: tuple[ClassWeights, ...] = get_args(ClassWeights)
PRECISIONS: tuple[PrecisionName, ...] = get_args(PrecisionName)


@dataclass(frozen=True, kw_only=True)
class Additions:
    """Options that a recipe has besides those it always names; a recipe that is written names only what is on.

    unfreeze         share of the steps by which every layer has joined, one after the other from the top, the head
                     having begun (gradual unfreezing); 0: all move from the start
    rates            "decay", or "relative": each layer's rate is its gradient's size relative to its own, measured
                     before training, and `decay` has no part in it (Auto-RGN)
    mixup, cutmix    how much rows are mixed with others (see `training.mixing`); 0: not at all. Where activations of a
                     middle layer are stored, those are mixed
    average          decay of a running average of the weights, which is what is looked at and kept; 0: none
    stochastic_norm  chance that a BatchNorm's channel is normalised by the batch (StochNorm, 0.5 usual); 0: none
    class_weights    "none", or "balanced": in what is learned, every class counts as much as any other, however rare
    accumulate       parts that each batch is taken in, to need less memory
    precision        of the forward pass: "float32", "bf16", "fp16", or "auto"
    """

    unfreeze: float = 0.0
    rates: Rates = "decay"
    mixup: float = 0.0
    cutmix: float = 0.0
    average: float = 0.0
    stochastic_norm: float = 0.0
    class_weights: ClassWeights = "none"
    accumulate: int = 1
    precision: PrecisionName = "float32"

    def check_additions(self) -> None:
        """Raise `UnknownName` or ValueError for a value that no run can have."""
        if self.rates not in RATES:
            raise UnknownName("rates", self.rates, RATES)
        if self.class_weights not in CLASS_WEIGHTS:
            raise UnknownName("class_weights", self.class_weights, CLASS_WEIGHTS)
        if self.precision not in PRECISIONS:
            raise UnknownName("precision", self.precision, PRECISIONS)
        if not (0 <= self.unfreeze < 1 and 0 <= self.average < 1):
            raise ValueError(f"unfreeze ({self.unfreeze}) and average ({self.average}) lie in [0, 1)")
        if not (self.mixup >= 0 and self.cutmix >= 0 and 0 <= self.stochastic_norm <= 1):
            raise ValueError(
                f"mixup ({self.mixup}) and cutmix ({self.cutmix}) start at 0, stochastic_norm ({self.stochastic_norm}) "
                "is a chance"
            )
        if isinstance(self.accumulate, bool) or not isinstance(self.accumulate, int) or self.accumulate < 1:
            raise ValueError(f"accumulate is a whole number from 1 on, got {self.accumulate}")

    def additions(self) -> dict[str, Any]:
        """Those that are on."""
        every = {field.name: (getattr(self, field.name), field.default) for field in fields(Additions)}
        return {name: value for name, (value, off) in every.items() if value != off}
