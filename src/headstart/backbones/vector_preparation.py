"""From a row of numbers, dense or sparse, to a network's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from headstart.data.samples import Item
from headstart.errors import DataError


@dataclass(frozen=True, kw_only=True)
class VectorPreparation:
    """Rows of `inputs` finite numbers."""

    inputs: int

    def prepare(self, item: Item) -> Tensor:
        """(inputs,) float32. Raises `DataError` for another length, NaN or infinity."""
        row = item.toarray() if sparse.issparse(item) else np.asarray(item)
        if row.size != self.inputs:
            raise DataError(f"a row of {row.size} numbers; this network takes {self.inputs}")
        if row.dtype.kind not in "biuf":
            raise DataError(f"a row of type {row.dtype}; it must hold numbers")
        values = row.reshape(-1).astype(np.float32)
        if not np.isfinite(values).all():
            raise DataError("NaN or infinity among its numbers")
        return torch.from_numpy(values)

    def cost(self, prepared: Tensor) -> int:
        """1: all rows are equally long."""
        return 1

    def collate(self, prepared: Sequence[Tensor]) -> Tensor:
        """(n, inputs)."""
        return torch.stack(list(prepared))

    def describe(self) -> dict[str, Any]:
        return {"vector": {"inputs": self.inputs}}

    def example(self) -> Tensor:
        """Two rows of noise."""
        return torch.randn(2, self.inputs, generator=torch.Generator().manual_seed(0))
