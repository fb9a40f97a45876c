"""One row of the answer, and which samples can be answered at all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from headstart.arrays import Rows
from headstart.data.checking import examine
from headstart.data.dataset import Dataset


@dataclass(frozen=True)
class Prediction:
    """`label` is empty when the sample could not be read or the model abstained; `reason` says which."""

    id: str
    label: str
    confidence: float
    reason: str = ""
    proba: dict[str, float] = field(default_factory=dict)
    abstained: bool = False

    @property
    def failed(self) -> bool:
        """True where the sample could not be read (abstaining is an answer)."""
        return bool(self.reason) and not self.abstained


def usable(dataset: Dataset) -> tuple[Rows, list[str]]:
    """Row numbers that can be read, and for every row the reason against it ("" where there is none)."""
    reasons = [verdict.reason for verdict in examine(dataset)]
    return np.flatnonzero([not reason for reason in reasons]), reasons
