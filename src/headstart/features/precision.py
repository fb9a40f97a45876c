"""Half precision where it is harmless: a row is kept as float16 unless its range would be lost, then as float32."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headstart.arrays import Mask

Precision: TypeAlias = Literal["float16", "float32"]
PRECISIONS: tuple[Precision, ...] = ("float16", "float32")

_LARGEST = 65504.0  # the largest finite float16
_SMALLEST = 2.0**-14  # below it float16 loses digits, and soon everything: 1e-8 would become 0


def fits_half(X: NDArray[np.float32]) -> Mask:
    """Rows whose largest entry float16 holds to its 11 bits; shape (n,). A row of zeros fits.

    It depends on the row alone, so what is stored for a sample does not depend on the samples beside it.
    """
    largest = np.abs(X).max(axis=tuple(range(1, X.ndim)), initial=0.0)
    return np.asarray(((largest <= _LARGEST) & (largest >= _SMALLEST)) | (largest == 0))


def by_precision(X: NDArray[np.float32], precision: Precision) -> list[tuple[NDArray[np.int64], NDArray[Any]]]:
    """The rows as they are to be stored: (row numbers, values) for the float16 and for the float32 ones."""
    half = fits_half(X) if precision == "float16" else np.zeros(len(X), dtype=bool)
    parts = ((np.flatnonzero(half), np.float16), (np.flatnonzero(~half), np.float32))
    return [(rows, X[rows].astype(dtype)) for rows, dtype in parts if len(rows)]
