"""An immutable file of rows: safetensors with values, keys and a checksum per row; complete or absent, never half."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from headstart.arrays import Mask, Rows
from headstart.errors import StoreError
from headstart.features.checksums import row_checksums, sound_rows

DIGEST_BYTES = 32
SUFFIX = ".safetensors"
TEMPORARY = ".tmp-"
_DTYPES: dict[str, np.dtype[Any]] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "U8": np.dtype("u1"),
    "U32": np.dtype("<u4"),
}
_LONGEST_HEADER = 4096  # ours need about 400 bytes


@dataclass(frozen=True, eq=False)
class Shard:
    """An open shard; the arrays are views of the mapped file.

    values (n, ...) float16 or float32; keys (n, 32) uint8; checksums (n,) uint32
    """

    path: Path
    extractor: str
    values: NDArray[Any]
    keys: NDArray[np.uint8]
    checksums: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.keys)

    def sound(self, rows: Rows) -> Mask:
        """Which of the rows pass their checksum."""
        return sound_rows(self.values, self.keys, self.checksums, rows, belongs_to=self.extractor)

    def digests(self, rows: Rows) -> list[bytes]:
        """The keys of the rows."""
        return [self.keys[row].tobytes() for row in rows.tolist()]


def write_shard(folder: Path, extractor: str, keys: NDArray[np.uint8], values: NDArray[Any]) -> Path:
    """Write rows under a temporary name, sync, rename, sync the folder: when this returns they survive a crash.

    Raises `OSError`; then nothing stays behind but, after kill -9, one temporary file that `prune` sweeps.
    """
    name = uuid.uuid4().hex
    payload = shard_bytes(extractor, keys, values)
    write_durably(folder / f"{name}{SUFFIX}", payload)
    return folder / f"{name}{SUFFIX}"


def shard_bytes(extractor: str, keys: NDArray[np.uint8], values: NDArray[Any]) -> bytes:
    """The file's content: tensors x, k, c and the extractor they belong to."""
    values = np.ascontiguousarray(values)
    checksums = row_checksums(values, keys, np.arange(len(keys)), belongs_to=extractor)
    return save({"x": values, "k": np.ascontiguousarray(keys), "c": checksums}, metadata={"extractor": extractor})


def write_durably(path: Path, payload: bytes) -> None:
    """All of it or nothing, and on the disk before this returns."""
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable (POSIX; elsewhere the rename itself has to do)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def open_shard(path: Path, *, extractor: str) -> Shard:
    """Map a shard of this extractor; nothing but its header is read.

    Raises `FileNotFoundError` when it is gone and `StoreError` when it is truncated, damaged or another extractor's.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header, start = _header(file.read(8 + _LONGEST_HEADER), size, path)
        owner = header.get("__metadata__", {}).get("extractor")
        if owner != extractor:
            raise StoreError(f"{path} belongs to another extractor ({str(owner)[:12]}…, here {extractor[:12]}…)")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        arrays = {name: _tensor(mapped, header[name], start, size) for name in ("x", "k", "c")}
    except (KeyError, TypeError, ValueError) as cause:
        raise StoreError(f"{path} is damaged: its header does not fit its content ({cause})") from cause
    x, k, c = arrays["x"], arrays["k"], arrays["c"]
    if not (
        k.shape == (len(x), DIGEST_BYTES) and c.shape == (len(x),) and k.dtype == np.uint8 and c.dtype == np.uint32
    ):
        raise StoreError(f"{path} is damaged: values {x.shape}, keys {k.shape} and checksums {c.shape} do not match")
    return Shard(path, extractor, x, k, c)


def _header(head: bytes, size: int, path: Path) -> tuple[dict[str, Any], int]:
    """The JSON header and where the data start."""
    length = int.from_bytes(head[:8], "little")
    if len(head) < 8 or length > min(_LONGEST_HEADER, size - 8):
        raise StoreError(f"{path} is damaged: {size} bytes with a header of {length}")
    try:
        header = json.loads(head[8 : 8 + length])
        if not isinstance(header, dict) or not isinstance(header.get("__metadata__", {}), dict):
            raise ValueError("not a table")
    except (ValueError, RecursionError) as cause:
        raise StoreError(f"{path} is damaged: its header is not JSON ({cause})") from cause
    return header, 8 + length


def _tensor(mapped: mmap.mmap, entry: dict[str, Any], start: int, size: int) -> NDArray[Any]:
    dtype, shape = _DTYPES[entry["dtype"]], tuple(int(n) for n in entry["shape"])
    first, last = (start + int(offset) for offset in entry["data_offsets"])
    count = int(np.prod(shape, dtype=np.int64))
    if min(shape, default=0) < 0 or not start <= first <= last <= size or last - first != count * dtype.itemsize:
        raise ValueError(f"bytes {first} to {last} of {size} for shape {shape} {dtype}")
    return np.frombuffer(mapped, dtype=dtype, count=count, offset=first).reshape(shape)
