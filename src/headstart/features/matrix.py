"""Features: a matrix with one row per sample, taken from one layer of one backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Features:
    """What extraction gives for one layer; rows stand in the dataset's order.

    X            (n, d) float32, or a scipy CSR matrix from a sparse backbone; "none" pooling keeps (n, ..., d)
    backbone     the backbone's name; `fingerprint` is the digest of its weights and preprocessing
    computed     forward passes made for it: distinct samples that the store did not hold
    reused       rows that came from the store or equal another row
    seconds      wall time of the whole extraction (all layers together)
    missing      in a sentence, why rows had to be computed ("" when none)
    """

    X: Any
    layer: str
    backbone: str
    fingerprint: str
    computed: int
    reused: int
    seconds: float
    missing: str = ""

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def __str__(self) -> str:
        width = " × ".join(str(length) for length in self.X.shape)
        return (
            f"{self.backbone} · {self.layer}: {width}, {self.computed} computed, {self.reused} reused, "
            f"{self.seconds:.1f} s"
        )
