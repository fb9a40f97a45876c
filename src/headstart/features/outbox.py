"""Fresh rows on their way to the store: a few seconds' worth, so that kill -9 loses no more than that."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.errors import StoreError
from headstart.features.shelf import Shelf

log = logging.getLogger(__name__)

_ROWS = 4096
_BYTES = 64 * 2**20  # of float32 values
_SECONDS = 2.0


class Outbox:
    """Collects the rows of one shelf and puts them when enough came together or enough time went by."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._digests: list[bytes] = []
        self._blocks: list[NDArray[np.float32]] = []
        self._bytes = 0
        self._last = time.monotonic()

    def add(self, digests: Sequence[bytes], X: NDArray[np.float32]) -> None:
        """Take rows along; stores all that wait when it is time. Raises `StoreError` as `Shelf.put` does."""
        self._digests.extend(digests)
        self._blocks.append(X)
        self._bytes += X.nbytes
        late = time.monotonic() - self._last > _SECONDS
        if late or len(self._digests) >= _ROWS or self._bytes >= _BYTES:
            self.send()

    def send(self) -> None:
        """Store what waits."""
        digests, blocks = self._digests, self._blocks
        self._digests, self._blocks, self._bytes = [], [], 0  # first: a failing put is not tried twice
        if digests:
            self.shelf.put(digests, np.concatenate(blocks))
        self._last = time.monotonic()

    def save(self) -> None:
        """Store what waits when the run is ending anyway (Ctrl-C, an error): nothing new may be raised over that."""
        try:
            self.send()
        except StoreError as cause:
            log.warning("%s", cause)
