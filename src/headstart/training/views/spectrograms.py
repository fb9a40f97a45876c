"""Recordings as spectrograms: bands of frequency and stretches of time masked (SpecAugment; Park et al., 2019)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Masking:
    """(frequency, time) float → the same shape; masked values become the spectrogram's mean.

    frequency, time   largest share of the rows, of the columns that one mask covers
    masks             of each kind (they may overlap)

    A mask's width is uniform from 0 to that share, its place uniform where it fits (Park et al., Interspeech 2019,
    section 2, without time warping, which they found to matter least).
    """

    frequency: float = 0.2
    time: float = 0.2
    masks: int = 1

    def __post_init__(self) -> None:
        if not (0 <= self.frequency <= 1 and 0 <= self.time <= 1) or self.masks < 0:
            raise ValueError(
                f"frequency and time are shares from 0 to 1 and masks a number from 0 up; got "
                f"frequency={self.frequency}, time={self.time}, masks={self.masks}"
            )

    def __call__(self, sample: Tensor, generator: torch.Generator) -> Tensor:
        masked, filling = sample.clone(), sample.mean()
        for axis, share in ((0, self.frequency), (1, self.time)):
            length = sample.shape[axis]
            for width, place in torch.rand(self.masks, 2, generator=generator, dtype=torch.float64).tolist():
                covered = int(width * (share * length + 1))
                start = int(place * (length - covered + 1))
                masked.narrow(axis, start, covered).copy_(filling)
        return masked

    def describe(self) -> dict[str, Any]:
        return {"masking": asdict(self)}
