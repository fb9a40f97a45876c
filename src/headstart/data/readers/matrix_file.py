"""Files of numbers: .npz with arrays `X` and `y`, .npy with rows, svmlight. No pickle, and sizes are checked first."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from headstart.data.dataset import Dataset
from headstart.data.readers.arrays import read_arrays
from headstart.errors import DataError
from headstart.problem import Modality

MAX_UNPACKED = 8 * 2**30
_KEYS = ("X", "y", "classes", "groups")


def read_npz(path: Path, *, modality: Modality | None = None, name: str | None = None) -> Dataset:
    """`X` (rows are samples) with, where there are, `y` (n,), `classes` (names of the labels 0, 1 ...), `groups` (n,).

    Raises `DataError` for a damaged archive, one that unpacks to more than `MAX_UNPACKED` bytes, Python objects inside
    (they would need pickle), or other arrays.
    """
    try:
        _check_unpacked(path)
        with np.load(path, allow_pickle=False) as archive:
            strange = sorted(set(archive.files) - set(_KEYS))
            if "X" not in archive.files or strange:
                raise DataError(
                    f"{path} holds {', '.join(archive.files) or 'nothing'}; wanted: X and, if known, y, classes, groups"
                )
            held = {key: archive[key] for key in archive.files}
    except DataError:
        raise
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as cause:
        raise DataError(f"{path}: {_reason(cause)}") from cause
    classes = held.get("classes")
    return read_arrays(
        held["X"],
        held.get("y"),
        groups=held.get("groups"),
        modality=modality,
        name=name or path.stem,
        classes=None if classes is None else [str(entry) for entry in classes],
    )


def read_npy(path: Path, *, modality: Modality | None = None, name: str | None = None) -> Dataset:
    """Unlabelled rows, read from disk as they are asked for. Raises `DataError` for damage and for Python objects."""
    try:
        X = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as cause:
        raise DataError(f"{path}: {_reason(cause)}") from cause
    return read_arrays(X, modality=modality, name=name or path.stem)


def read_svmlight(path: Path, *, name: str | None = None) -> Dataset:
    """Sparse vectors with one label each: `<label> <column>:<value> ...`; columns count from 0 or 1, as the file does.

    Raises `DataError` where a line does not have that form.
    """
    from sklearn.datasets import load_svmlight_file

    try:
        X, y = load_svmlight_file(str(path))
    except (OSError, ValueError, OverflowError, MemoryError) as cause:
        raise DataError(f"{path}: no svmlight file: {cause}") from cause
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)  # liblinear reads nothing wider
    return read_arrays(X, y, name=name or path.stem)


def _check_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED:
        raise DataError(f"{path} would unpack to {unpacked:,} bytes; the limit is {MAX_UNPACKED:,}")


def _reason(cause: Any) -> str:
    if "pickle" in str(cause).lower() or "Python objects" in str(cause):
        return "holds Python objects, which only pickle could read; save plain arrays of numbers or strings"
    if isinstance(cause, MemoryError):
        return "announces more data than fits into memory"
    return f"cannot be read: {cause}"
