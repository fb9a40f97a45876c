"""A fitted head as JSON and arrays, and back: no pickle, bit-equal predictions, known names only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from headstart.errors import ModelError
from headstart.heads import HEADS
from headstart.heads.head import Head
from headstart.registry import Registry

FORMAT = 1
# What can be saved as a head but is none to choose from; named by text, as it stands on a higher floor.
OTHERS = Registry("saved head", adapted="headstart.adaptation.deployed:AdaptedHead")
Arrays = dict[str, NDArray[Any]]


def pack(head: Head) -> tuple[dict[str, Any], Arrays]:
    """What `unpack` needs: a JSON-ready dictionary, and numeric arrays by name (parameters, everything learned).

    Training statistics stay behind: the copy predicts but cannot go on learning. Raises `ModelError` for a head that no
    table holds, and for values that neither JSON nor arrays can hold.
    """
    check_is_fitted(head)
    name = getattr(head, "name", "")
    if name not in _table(name) or _table(name)[name] is not type(head):
        raise ModelError(f"{type(head).__name__} is not among the heads that can be packed: {', '.join(sorted(HEADS))}")
    arrays: Arrays = {}
    params = {key: _packed(f"param.{key}", value, arrays) for key, value in head.get_params().items()}
    learned = {key: _packed(key, value, arrays) for key, value in vars(head).items() if _is_learned(key)}
    return {"format": FORMAT, "head": name, "params": params, "learned": learned}, arrays


def unpack(described: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Head:
    """The fitted head again, with bit-equal predictions.

    Raises `UnknownName` for a head that no table holds, and `ModelError` for another format, missing arrays or names
    that are not a head's parameters or learned attributes.
    """
    try:
        version, name = described["format"], str(described["head"])
        params, learned = dict(described["params"]), dict(described["learned"])
    except (KeyError, TypeError, ValueError) as cause:
        raise ModelError(f"not the description of a head: {cause!r} is missing or of another form") from cause
    if version != FORMAT:
        raise ModelError(f"the head was packed in format {version!r}, this version reads {FORMAT}; save it again")
    head: Head = _table(name)[name]()
    strange = sorted(set(params) - set(head.get_params())) + [key for key in learned if not _is_learned(key)]
    if strange:
        raise ModelError(f"a {name} head has no {', '.join(strange)}; the description is damaged or of another version")
    head.set_params(**{key: _unpacked(value, arrays) for key, value in params.items()})
    for key, value in learned.items():
        setattr(head, key, _unpacked(value, arrays))
    return head


def _table(name: str) -> Registry:
    return OTHERS if name in OTHERS else HEADS


def _is_learned(key: object) -> bool:
    return isinstance(key, str) and key.isidentifier() and key.endswith("_") and not key.startswith("_")


def _packed(name: str, value: Any, arrays: Arrays) -> dict[str, Any]:
    if sparse.issparse(value):
        value = value.tocsr()
        arrays |= {f"{name}.{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
        return {"csr": name, "shape": list(value.shape)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        arrays[name] = np.ascontiguousarray(value) if value.ndim else value
        return {"array": name, "order": "F" if value.flags.f_contiguous and value.ndim > 1 else "C"}
    if isinstance(value, np.ndarray) and all(isinstance(each, str) for each in value.tolist()):
        return {"texts": value.tolist(), "dtype": value.dtype.str}
    if isinstance(value, dict):
        pairs = [(_packed(name, key, arrays), _packed(f"{name}.{key}", each, arrays)) for key, each in value.items()]
        return {"table": pairs}
    if isinstance(value, list | tuple):
        return {"list": [_packed(f"{name}.{place}", each, arrays) for place, each in enumerate(value)]}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    raise ModelError(f"{name} is a {type(value).__name__}, which neither JSON nor arrays can hold")


def _unpacked(packed: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    try:
        if "csr" in packed:
            parts = tuple(arrays[f"{packed['csr']}.{part}"] for part in ("data", "indices", "indptr"))
            return sparse.csr_matrix(parts, shape=tuple(packed["shape"]))
        if "array" in packed:
            return np.array(arrays[packed["array"]], order=packed["order"])
        if "texts" in packed:
            return np.array(packed["texts"], dtype=np.dtype(packed["dtype"]))
        if "table" in packed:
            return {_unpacked(key, arrays): _unpacked(each, arrays) for key, each in packed["table"]}
        if "list" in packed:
            return tuple(_unpacked(each, arrays) for each in packed["list"])
        return packed["value"]
    except (KeyError, TypeError, ValueError) as cause:
        raise ModelError(f"the description of the head is damaged: {cause} is missing") from cause
