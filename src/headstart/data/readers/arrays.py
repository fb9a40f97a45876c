"""Samples that are in memory already: `(X, y)`, a matrix, a list of texts, paths or pictures, a scikit-learn Bunch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from headstart.arrays import same_length
from headstart.data.dataset import Dataset
from headstart.data.pictures import SUFFIXES
from headstart.data.readers.labels import class_name, encode, unlabelled
from headstart.data.readers.table import picture_item
from headstart.data.samples import Item, VectorRows
from headstart.errors import DataError
from headstart.problem import Domain, Modality


def read_arrays(
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    modality: Modality | None = None,
    name: str | None = None,
    classes: Sequence[str] | None = None,
    columns: Sequence[str] = (),
) -> Dataset:
    """Rows of `X` with labels `y` (None: unlabelled). `classes[k]` is the name of the label k.

    X is a matrix (n, d), dense or sparse (vectors); pixels (n, h, w[, channels]) or a list of paths, encoded bytes,
    arrays or Pillow images (pictures); or a list of texts. `groups` has one value per row.

    Raises `DataError` where `X` and `y` differ in length, `y` is continuous, or `X` is none of these.
    """
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):
        columns, X = [str(column) for column in X.columns], X.to_numpy()
    items, found = _items(X, modality)
    labels = None if y is None else _flat(y, "y")
    group_names = None if groups is None else _flat(groups, "group")
    if labels is not None:
        same_length(items, labels, names=("X", "y"))
    if group_names is not None:
        same_length(items, group_names, names=("X", "group"))
    labelling = unlabelled(len(items)) if labels is None else encode(labels, names=classes)
    return Dataset(
        domain=Domain(found, name or "", tuple(columns) if found == "vector" else ()),
        task=labelling.task,
        items=items,
        labels=labelling.codes,
        ids=tuple(str(item) if isinstance(item, Path) else f"row {row}" for row, item in _named(items)),
        groups=None if group_names is None else tuple(class_name(value) for value in group_names),
        notes=labelling.notes,
    )


def read_bunch(bunch: Mapping[str, Any], *, modality: Modality | None = None, name: str | None = None) -> Dataset:
    """What scikit-learn's `load_*` and `fetch_*` return; `modality="image"` takes `images` in place of `data`."""
    X = bunch.get("images") if modality == "image" else bunch["data"]
    if X is None:
        raise DataError(f"this Bunch holds no 'images'; it holds: {', '.join(bunch)}")
    names = bunch.get("target_names")
    target = bunch["target"]
    classes = [str(entry) for entry in names] if names is not None and len(names) > 1 else None
    columns = bunch.get("feature_names") if modality != "image" else None
    return read_arrays(
        X, target, modality=modality, name=name, classes=classes, columns=() if columns is None else list(columns)
    )


def _items(X: Any, modality: Modality | None) -> tuple[Sequence[Item], Modality]:
    if sparse.issparse(X):
        return VectorRows(X.tocsr()), _agreed(modality, "vector", "a sparse matrix")
    if isinstance(X, np.ndarray) or hasattr(X, "__array__"):
        array = np.asarray(X)
        if array.dtype.kind not in "OUST":
            return _from_array(array, modality)
        X = list(array)
    if not isinstance(X, Sequence) or isinstance(X, str | bytes):
        raise DataError(f"samples are a {type(X).__name__}; give a matrix, or a list of texts, paths or pictures")
    if not len(X):
        raise DataError("no samples: the list is empty")
    return _from_list(X, modality)


def _from_array(array: Any, modality: Modality | None) -> tuple[Sequence[Item], Modality]:
    if 0 in array.shape:
        raise DataError(f"no samples: X has shape {array.shape}")
    if array.dtype.kind not in "biuf":
        raise DataError(f"X holds {array.dtype}; a sample is made of real numbers")
    if array.ndim == 2:
        return VectorRows(array), _agreed(modality, "vector", f"a matrix of shape {array.shape}")
    if array.ndim in (3, 4):
        return VectorRows(_pixels(array)), _agreed(modality, "image", f"an array of shape {array.shape}")
    raise DataError(f"X has shape {array.shape}; vectors are (n, d), pictures (n, h, w) or (n, h, w, channels)")


def _pixels(array: Any) -> Any:
    if array.ndim == 4 and array.shape[3] not in (1, 3, 4):
        raise DataError(f"pictures of shape {array.shape[1:]}; channels come last: (n, h, w, 1|3|4)")
    if array.dtype.kind == "f" and (np.nanmin(array) < 0 or np.nanmax(array) > 1):
        low, high = np.nanmin(array), np.nanmax(array)
        raise DataError(f"float pixels run from {low:g} to {high:g}; scale them to 0..1, or give uint8 from 0 to 255")
    if array.dtype.kind in "iu" and array.dtype not in (np.uint8, np.uint16):
        raise DataError(f"{array.dtype} pixels; convert them to uint8 (0 to 255) or uint16 (0 to 65535)")
    return array


def _from_list(X: Sequence[Any], modality: Modality | None) -> tuple[Sequence[Item], Modality]:
    first = X[0]
    if all(isinstance(item, str) for item in X) and modality != "image":
        if modality is None and all(Path(item[-255:]).suffix.lower() in SUFFIXES for item in X):
            raise DataError(f"texts or paths? '{first}' could be both; say modality='image' or modality='text'")
        return tuple(X), _agreed(modality, "text", "a list of strings")
    if all(isinstance(item, bytes) for item in X) and modality == "text":
        return tuple(item.decode("utf-8", "replace") for item in X), "text"
    if modality in (None, "vector") and all(np.ndim(item) <= 1 and _is_numbers(item) for item in X):
        return _from_array(np.atleast_2d(np.asarray(X, dtype=np.float64)), "vector")
    items = tuple(picture_item(item, Path()) for item in X)
    for row, item in enumerate(items):
        if item is None:
            raise DataError(
                f"row {row} is a {type(X[row]).__name__}; samples are texts, paths, pictures or numbers, not mixed"
            )
    return items, _agreed(modality, "image", "a list of pictures")


def _is_numbers(item: Any) -> bool:
    return not isinstance(item, str | bytes | Path | dict) and not hasattr(item, "getexif") and item is not None


def _agreed(asked: Modality | None, found: Modality, what: str) -> Modality:
    if asked not in (None, found):
        raise DataError(f"modality='{asked}', but {what} holds {found} samples")
    return found


def _flat(values: Any, name: str) -> list[Any]:
    array = np.asarray(values) if hasattr(values, "__array__") else None
    if array is not None and array.ndim != 1:
        raise DataError(f"{name} has shape {array.shape}; one value per sample is needed: ({array.shape[0]},)")
    return list(values if array is None else array.tolist())


def _named(items: Sequence[Item]) -> Any:
    """(row, item) without making lazy rows: only lists hold paths."""
    return enumerate(items) if isinstance(items, tuple) else ((row, None) for row in range(len(items)))
