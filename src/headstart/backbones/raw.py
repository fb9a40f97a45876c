"""The input itself as features: what no representation at all would give (a null baseline)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy import sparse as sparse_matrices
from sklearn.feature_extraction.text import HashingVectorizer
from torch import Tensor

from headstart.backbones.backbone import Pooling
from headstart.backbones.description import Described
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.picture_preparation import PicturePreparation
from headstart.backbones.text_preparation import clean
from headstart.data.samples import Item
from headstart.errors import BackboneError, DataError
from headstart.problem import Modality

WORD_COLUMNS = 4096


class Raw(Described):
    """What the three kinds share: one layer, no weights, never stored."""

    stored = False
    license = "none"
    name = "raw"

    def __init__(self, *, modality: Modality, options: dict[str, Any], facts: dict[str, Any]) -> None:
        self.modality = modality
        self.options = {"modality": modality, **options}
        self.architecture = ("raw", dict(self.options))
        self.fingerprint = fingerprint({}, {"raw": modality, **facts})


class RawPixels(Raw):
    """Pictures squashed to a few pixels, values 0..1."""

    def __init__(self, *, size: int) -> None:
        self.preparation = PicturePreparation(
            size=(size, size), crop_mode="squash", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
        )
        super().__init__(modality="image", options={"size": size}, facts=self.preparation.describe())

    def prepare(self, item: Item) -> Tensor:
        """(size, size, 3) uint8. Raises `DataError` with the reason."""
        return self.preparation.prepare(item)

    def collate(self, prepared: Sequence[Tensor]) -> Tensor:
        return self.preparation.collate(prepared)

    def embed(self, batch: Tensor, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """{"pool": (n, 3 · size²)}."""
        return {layer: batch.flatten(1) for layer in self._asked(layers, pooling)}


class RawWords(Raw):
    """Counts of words in 4096 columns chosen by hashing, rows of length 1: nothing is learnt, not even a vocabulary."""

    sparse = True

    def __init__(self) -> None:
        self._counter = HashingVectorizer(n_features=WORD_COLUMNS, alternate_sign=False, norm="l2", dtype=np.float32)
        super().__init__(modality="text", options={}, facts={"columns": WORD_COLUMNS})

    def prepare(self, item: Item) -> str:
        """The text. Raises `DataError` for anything else."""
        return clean(item)

    def collate(self, prepared: Sequence[str]) -> list[str]:
        return list(prepared)

    def embed(self, batch: list[str], layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Any]:
        """{"pool": CSR matrix (n, 4096)}."""
        return dict.fromkeys(self._asked(layers, pooling), self._counter.transform(batch))


class RawColumns(Raw):
    """Vectors as they are: dense rows as a matrix, with `sparse=True` as CSR."""

    def __init__(self, *, sparse: bool) -> None:
        self.sparse = sparse
        super().__init__(modality="vector", options={"sparse": True} if sparse else {}, facts={"sparse": sparse})

    def prepare(self, item: Item) -> Any:
        """A row of finite numbers, (1, d). Raises `DataError` for NaN, infinity or anything but numbers."""
        given = sparse_matrices.issparse(item)
        row: Any = sparse_matrices.csr_matrix(item) if given else np.atleast_2d(np.asarray(item))
        if row.dtype.kind not in "biuf":
            raise DataError(f"a row of type {row.dtype}; it must hold numbers")
        row = row.astype(np.float32)
        if not np.isfinite(row.data if given else row).all():
            raise DataError("NaN or infinity among its numbers")
        if self.sparse:
            return sparse_matrices.csr_matrix(row)
        return row.toarray() if given else row

    def collate(self, prepared: Sequence[Any]) -> Any:
        if len({row.shape[1] for row in prepared}) > 1:
            raise DataError(f"rows of different lengths: {sorted({row.shape[1] for row in prepared})}")
        if self.sparse:
            return sparse_matrices.vstack(list(prepared), format="csr")
        return torch.from_numpy(np.concatenate(list(prepared)))

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Any]:
        """{"pool": the rows}."""
        return dict.fromkeys(self._asked(layers, pooling), batch)


def open_raw(rest: str = "", *, modality: Modality, size: int = 16, sparse: bool = False) -> Raw:
    """`raw?modality=image` (or text, vector).

    size    side in pixels that pictures are squashed to
    sparse  vectors stay sparse
    """
    if rest:
        raise BackboneError(f"'raw' takes options only, got 'raw/{rest}'; write raw?modality={rest}")
    if modality == "image":
        return RawPixels(size=size)
    if modality == "text":
        return RawWords()
    if modality == "vector":
        return RawColumns(sparse=sparse)
    raise BackboneError(f"'raw' has no form for modality '{modality}'; known: image, text, vector")
