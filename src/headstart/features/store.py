"""The store: a frozen value is computed once, ever. A folder of shelves, one per extractor, and a few small notes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from headstart.errors import StoreError
from headstart.features.identity import FORMAT, extractor_id
from headstart.features.indexing import unusable
from headstart.features.inventory import Inventory, all_shelves, inventory
from headstart.features.memo import Memo
from headstart.features.pruning import Pruned, prune
from headstart.features.shelf import Shelf
from headstart.features.verification import Verification, verify

_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")


class Store:
    """Features by content: the key of a row is what made it and what it was made from, never a path.

    root  the folder; default $HEADSTART_STORE, else the user's cache folder. Made when something is first stored.
    """

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = Path(root) if root is not None else default_root()

    @property
    def features(self) -> Path:
        return self.root / "features"

    def shelf(self, extractor: Mapping[str, Any], *, name: str = "") -> Shelf:
        """The rows of one extractor. `extractor`: JSON values that name everything which made them (backbone
        fingerprint, layer, pooling, dtype, view); the format version joins them here. `name` is for people only."""
        complete = {**extractor, "format": FORMAT}
        return Shelf(self.features / extractor_id(complete), complete, name=name)

    def shelves(self) -> list[Shelf]:
        """Every shelf that can be read."""
        return all_shelves(self.features)[0]

    def memo(self, name: str) -> Memo:
        """A small table digest → text that survives a crash; use it in a `with` block, or let it close by itself."""
        return Memo(self.root / "memos" / f"{_plain(name)}.sqlite")

    def folder(self, name: str) -> Path:
        """A folder for other things that are kept by content ("networks"); made if need be. Those that `list` and
        `prune` know are named in `features.finished`.

        Raises `StoreError` when it cannot be made.
        """
        path = self.root / _plain(name)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise unusable(path, cause) from cause
        return path

    def list(self) -> Inventory:
        """What is stored: rows, bytes and last use of each shelf, and what finished runs take."""
        return inventory(self.features)

    def verify(self) -> Verification:
        """Read everything and check every row."""
        return verify(self.features)

    def prune(self, *, older_than: timedelta | None = None, max_size: int | None = None) -> Pruned:
        """Sweep what crashes left, merge small and wasteful shards, and remove shelves and finished runs that were not
        used for `older_than`, then the longest unused until `max_size` bytes are kept."""
        return prune(self.features, older_than=older_than, max_size=max_size)

    def __repr__(self) -> str:
        return f"Store({str(self.root)!r})"


def default_root() -> Path:
    """$HEADSTART_STORE, else the user's cache folder."""
    given = os.environ.get("HEADSTART_STORE")
    return Path(given).expanduser() if given else user_cache_path("headstart")


def _plain(name: str) -> str:
    if not _PLAIN.fullmatch(name):
        raise StoreError(f"a name in the store is small letters, digits, '-' and '_', got {name!r}")
    return name
