"""A copy of a model's weights that takes no memory: it lies in a temporary file without a name."""

from __future__ import annotations

import io
import logging
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import torch
from torch import Tensor

log = logging.getLogger(__name__)


class Aside:
    """Tensors by name, set aside until they are wanted again, bit by bit as they were.

    The file is gone when its owner is, however the process ends; where none can be written, the copy is in memory and
    the log says so. New tensors are written beside the old ones, which count until the new ones are whole: whoever
    interrupts finds one or the other, never half of each.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._made = {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}
        self._size = sum(tensor.nbytes for tensor in tensors.values())
        self._half = 1
        try:
            self._file: BinaryIO = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (closed with its owner)
        except OSError as cause:
            self._file = _in_memory(cause)
        weakref.finalize(self, self._file.close)
        self.keep(tensors)

    def keep(self, tensors: Mapping[str, Tensor]) -> None:
        """Set these aside in place of those before; same names, shapes and types."""
        half = 1 - self._half
        try:
            self._write(half, tensors)
        except OSError as cause:  # the disk is full: the tensors at hand are whole, and memory may have room
            self._file = _in_memory(cause)
            self._write(half, tensors)
        self._half = half

    def _write(self, half: int, tensors: Mapping[str, Tensor]) -> None:
        self._file.seek(half * self._size)
        for name in self._made:
            left = _bytes_of(tensors[name].detach().cpu().contiguous())
            while left:
                left = left[self._file.write(left) :]

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """One after the other, on the CPU."""
        self._file.seek(self._half * self._size)
        for name, (shape, dtype) in self._made.items():
            tensor = torch.empty(shape, dtype=dtype)
            left = _bytes_of(tensor)
            while left:
                count = self._file.readinto(left)  # type: ignore[attr-defined]
                if not count:
                    raise OSError("the temporary file that holds a copy of the weights was cut off")
                left = left[count:]
            yield name, tensor


def _in_memory(cause: OSError) -> BinaryIO:
    log.warning("a copy of the weights is kept in memory, the temporary folder takes none: %s", cause)
    return io.BytesIO()


def _bytes_of(tensor: Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data
