"""Shapes and finiteness, checked and phrased once."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headstart.errors import DataError

Matrix: TypeAlias = NDArray[np.floating[Any]]
Vector: TypeAlias = NDArray[np.floating[Any]]
Labels: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


def same_length(first: Any, second: Any, *, names: tuple[str, str] = ("X", "y")) -> None:
    """Raise `DataError` unless both have one entry per sample."""
    if len(first) != len(second):
        raise DataError(
            f"{names[0]} has {len(first)} rows and {names[1]} has {len(second)}; they must match one to one"
        )


def finite_rows(X: Matrix) -> Mask:
    """Which rows hold neither NaN nor infinity; shape (n,)."""
    return np.asarray(np.isfinite(X).reshape(len(X), -1).all(axis=1))


def as_matrix(X: Any, *, name: str = "X") -> Matrix:
    """A finite 2-d float array (float32 stays float32, everything else becomes float64).

    Raises `DataError` for another number of dimensions, no rows, no columns, or NaN and infinite entries.
    """
    array = np.asarray(X)
    if array.dtype != np.float32:
        try:
            array = array.astype(np.float64, copy=False)
        except (TypeError, ValueError) as cause:
            raise DataError(f"{name} must hold numbers: {cause}; encode what is not a number first") from cause
    if array.ndim != 2:
        raise DataError(f"{name} must be a matrix (rows are samples), got shape {array.shape}")
    if 0 in array.shape:
        raise DataError(f"{name} is empty: shape {array.shape}; give at least one row and one column")
    if not np.isfinite(array).all():
        bad = ~finite_rows(array)
        raise DataError(
            f"{name} holds NaN or infinity in {bad.sum()} of {len(array)} rows, first in row {bad.argmax()}; fill them "
            "in, or leave these rows out"
        )
    return array
