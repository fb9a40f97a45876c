"""What one sample is, and the digest of its content by which everything computed from it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias, overload

import numpy as np
from scipy import sparse

# A file, encoded bytes (an image inside a table), a text, a picture as pixels (h, w[, channels]) or a vector (d,).
Item: TypeAlias = Any


def content(item: Item) -> bytes:
    """The bytes that make the sample what it is: never its path or position.

    Raises `OSError` when a file cannot be read.
    """
    if isinstance(item, Path):
        return item.read_bytes()
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return item.encode("utf-8", "surrogatepass")
    if sparse.issparse(item):
        row = item.tocsr().sorted_indices()
        return b"sparse" + str(row.shape).encode() + row.indices.astype("<i8").tobytes() + row.data.tobytes()
    array = np.ascontiguousarray(item)
    return f"{array.dtype.str}{array.shape}".encode() + array.tobytes()


def digest(item: Item) -> bytes:
    """SHA-256 of the content, 32 bytes."""
    return hashlib.sha256(content(item)).digest()


class LazyRows(Sequence[Any]):
    """Samples that are made when asked for; `take` chooses rows without making them."""

    def take(self, rows: Any) -> LazyRows:
        raise NotImplementedError


class VectorRows(LazyRows):
    """The rows of a dense or sparse matrix as samples, without copying them."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> VectorRows: ...
    def __getitem__(self, row: int | slice) -> Any:
        return VectorRows(self.matrix[row]) if isinstance(row, slice) else self.matrix[row]

    def __iter__(self) -> Iterator[Any]:
        return (self.matrix[row] for row in range(len(self)))

    def take(self, rows: Any) -> VectorRows:
        return VectorRows(self.matrix[np.asarray(rows)])
