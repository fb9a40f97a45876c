"""A counting backbone and small data sets for the tests of features."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headstart.data.dataset import Dataset
from headstart.errors import BackboneError, DataError
from headstart.features.store import Store
from headstart.problem import Domain, Task


class CountingBackbone:
    """Maps a text (or a file's content) to numbers drawn from its hash; counts what it is asked for.

    An item whose content is b"bad" cannot be prepared. `scale` plays the weights: it changes values and fingerprint.
    """

    modality = "text"
    license = "none"
    layers = ("low", "last")
    stored = True
    sparse = False
    learned_from = None

    def __init__(self, *, scale: float = 1.0, name: str = "counting") -> None:
        self.name = name
        self.scale = scale
        self.fingerprint = hashlib.sha256(str(scale).encode()).hexdigest()
        self.passes: list[tuple[int, tuple[str, ...]]] = []  # batch size and layers of each embed call
        self.lengths: list[list[int]] = []
        self.prepared = 0
        self.before_embed: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        return sum(size for size, _ in self.passes)

    def prepare(self, item: Any) -> bytes:
        content = item.read_bytes() if isinstance(item, Path) else item if isinstance(item, bytes) else item.encode()
        if content == b"bad":
            raise DataError("cannot be decoded")
        with self._lock:
            self.prepared += 1
        return content

    def cost(self, prepared: bytes) -> int:
        return len(prepared)

    def collate(self, prepared: Sequence[bytes]) -> list[bytes]:
        return list(prepared)

    def embed(self, batch: list[bytes], layers: Sequence[str], *, pooling: str = "mean") -> dict[str, torch.Tensor]:
        if unknown := set(layers) - set(self.layers):
            raise BackboneError(f"no layer {unknown}")
        self.before_embed()
        self.passes.append((len(batch), tuple(layers)))
        self.lengths.append([len(content) for content in batch])
        return {layer: torch.from_numpy(np.stack([self.expected(c, layer) for c in batch])) for layer in layers}

    def expected(self, content: bytes | str, layer: str = "last") -> np.ndarray:
        """What it gives for a content, in float32, before anything is rounded."""
        content = content.encode() if isinstance(content, str) else content
        seed = int.from_bytes(hashlib.sha256(layer.encode() + content).digest()[:8], "little")
        values = np.random.default_rng(seed).normal(size=4 if layer == "low" else 6).astype(np.float32)
        if content.startswith(b"nan"):
            values[1] = np.nan
        if content.startswith(b"huge"):
            values *= 1e6
        if content.startswith(b"tiny"):
            values *= 1e-9
        return values * np.float32(self.scale)

    def cut(self, layer: str) -> Any:
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        return {"name": self.name}

    def state(self) -> dict[str, torch.Tensor]:
        return {}

    def with_state(self, state: dict[str, torch.Tensor]) -> CountingBackbone:
        return self


@pytest.fixture
def counting() -> type[CountingBackbone]:
    return CountingBackbone


@pytest.fixture
def dataset_of() -> Callable[..., Dataset]:
    """`dataset_of(items)`: an unlabelled text data set."""

    def make(items: Sequence[Any], modality: Any = "text") -> Dataset:
        labels = np.full(len(items), -1, dtype=np.int64)
        ids = tuple(str(item) if isinstance(item, Path) else f"row {row}" for row, item in enumerate(items))
        return Dataset(Domain(modality), Task(), list(items), labels, ids)

    return make


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a store")


@pytest.fixture
def keyed() -> Callable[..., tuple[list[bytes], np.ndarray]]:
    """`keyed(names)`: digests and random rows that depend on the names alone, exactly representable in float16."""

    def make(names: Sequence[Any], width: int = 5) -> tuple[list[bytes], np.ndarray]:
        digests = [hashlib.sha256(str(name).encode()).digest() for name in names]
        rows = [
            np.random.default_rng(int.from_bytes(digest[:8], "little")).normal(size=width).astype(np.float16)
            for digest in digests
        ]
        return digests, np.array(rows, dtype=np.float32).reshape(len(names), width)

    return make
