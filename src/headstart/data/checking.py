"""Look at every sample once: its digest, and whether it can be used. Pictures are decoded in threads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from tqdm import tqdm

from headstart.allocation import calm_malloc
from headstart.arrays import finite_rows
from headstart.data.dataset import Dataset
from headstart.data.pictures import open_picture, picture_bytes
from headstart.data.samples import Item, VectorRows, digest
from headstart.errors import DataError

Memo = MutableMapping[bytes, str]
_AHEAD = 64


class Verdict(NamedTuple):
    """The digest of a sample (empty where it cannot be read) and why it cannot be used ("" where it can)."""

    digest: bytes
    reason: str


def examine(dataset: Dataset, *, known: Memo | None = None, progress: bool = False) -> list[Verdict]:
    """One verdict per row, in order. `known` (digest → reason) spares pictures seen before from being decoded again.

    `known` grows as the rows go by, so that an interrupted run is not lost.
    """
    calm_malloc()  # before decoders and progress bars start threads whose memory forward passes would inherit
    if isinstance(dataset.items, VectorRows) and dataset.modality == "vector":
        verdicts: Iterator[Verdict] = _examine_matrix(dataset.items, dataset.domain.columns)
    elif dataset.modality == "text":
        verdicts = map(examine_text, dataset.items)
    elif dataset.modality == "image":
        verdicts = _examine_pictures(dataset, {} if known is None else known)
    else:
        verdicts = map(_examine_vector, dataset.items)
    bar = tqdm(verdicts, total=len(dataset), desc="preflight", unit=" samples", disable=not progress, leave=False)
    return list(bar)


def examine_text(item: Item) -> Verdict:
    """A text is usable when it has a visible character and can be written as UTF-8 without NUL."""
    if not isinstance(item, str):
        return Verdict(b"", f"a {type(item).__name__}, not a text")
    try:
        data = item.encode("utf-8")
    except UnicodeEncodeError:
        return Verdict(digest(item), "holds half of a surrogate pair, which is no character")
    if not item.strip():
        return Verdict(digest(item), "empty text")
    return Verdict(hashlib.sha256(data).digest(), "holds a NUL character" if "\0" in item else "")


def examine_picture(item: Item, known: Memo) -> Verdict:
    """A picture is usable when it decodes to its last byte. Its file is read once, for digest and decoder."""
    try:
        data = picture_bytes(item) if isinstance(item, Path) else item
        name = digest(data)
    except (DataError, OSError, TypeError, ValueError) as cause:
        return Verdict(b"", str(cause))
    if name in known:
        return Verdict(name, known[name])
    try:
        open_picture(data, at_least=1)  # an eighth of a JPEG costs half the time and still reads all of the file
    except DataError as cause:
        return Verdict(name, str(cause))
    return Verdict(name, "")


def _examine_pictures(dataset: Dataset, known: Memo) -> Iterator[Verdict]:
    items = iter(dataset.items)
    pool = ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="preflight")
    try:
        while ahead := list(islice(items, _AHEAD)):
            for verdict in pool.map(partial(examine_picture, known=known), ahead):
                if verdict.digest and verdict.digest not in known:
                    known[verdict.digest] = verdict.reason
                yield verdict
    finally:
        pool.shutdown(cancel_futures=True)


def _examine_matrix(rows: VectorRows, columns: tuple[str, ...]) -> Iterator[Verdict]:
    matrix = rows.matrix
    finite = _finite(matrix)
    for row in range(len(rows)):
        yield Verdict(digest(rows[row]), "" if finite[row] else _where(matrix[row], columns))


def _examine_vector(item: Item) -> Verdict:
    array = np.asarray(item)
    if array.dtype.kind not in "biuf":
        return Verdict(b"", f"a {type(item).__name__}, not numbers")
    return Verdict(digest(array), "" if np.isfinite(array).all() else _where(array, ()))


def _finite(matrix: Any) -> Any:
    if not sparse.issparse(matrix):
        return finite_rows(matrix)
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    finite = np.ones(matrix.shape[0], dtype=bool)
    finite[np.searchsorted(matrix.indptr, bad, side="right") - 1] = False
    return finite


def _where(row: Any, columns: tuple[str, ...]) -> str:
    dense = row.toarray().ravel() if sparse.issparse(row) else np.ravel(row)
    place = int(np.flatnonzero(~np.isfinite(dense))[0])
    kind = "NaN" if np.isnan(dense[place]) else "infinity"
    return f"{kind} in column {columns[place] if columns else place}"
