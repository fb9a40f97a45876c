"""Why a row is not in the store, in a sentence: what the nearest shelf holds and how it differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.errors import StoreError
from headstart.features.identity import FORMAT, difference
from headstart.features.indexing import Indexing

_PHRASES = {
    "fingerprint": "weights or preprocessing changed",
    "format": "written by another version of headstart",
    "layer": "another layer was stored",
    "pooling": "pooled in another way",
    "dtype": "stored in another precision",
    "view": "another view was stored",
}


def reason(name: str, indexing: Indexing, extractor: Mapping[str, Any]) -> str:
    """What the store holds of the same backbone, nearest first."""
    name = name or "this extractor"
    if indexing.shards.is_dir() and (rows := _rows(indexing)):
        return f"the store holds {rows:,} rows of {name}, of other items"
    nearest = min(_relatives(name, indexing.folder, extractor), key=lambda found: len(found[1]), default=None)
    if nearest is None:
        return f"nothing of {name} was stored yet"
    folder, differs, stored = nearest
    what = ", ".join(_PHRASES.get(key, f"another {key}") for key in differs)
    values = ", ".join(f"{key} {_short(stored.get(key))} (now {_short(extractor.get(key))})" for key in differs)
    count = "" if stored.get("format") != FORMAT else f"{_rows(Indexing(folder, folder.name)):,} "
    return f"{what}: the store holds {count}rows of {name} with {values}"


def _relatives(
    name: str, folder: Path, extractor: Mapping[str, Any]
) -> list[tuple[Path, tuple[str, ...], Mapping[str, Any]]]:
    """Shelves of the same name: folder, the parts of the key that differ, their extractor."""
    found: list[tuple[Path, tuple[str, ...], Mapping[str, Any]]] = []
    for path in sorted(folder.parent.glob("*/meta.json")):
        try:
            meta = json.loads(path.read_text())
            stored_name, stored = meta["name"], dict(meta["extractor"])
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if stored_name == name and path.parent != folder:
            found.append((path.parent, difference(extractor, stored), stored))
    return found


def _rows(indexing: Indexing) -> int:
    try:
        return indexing.ask(lambda index: index.count())
    except StoreError:
        return 0


def _short(value: object) -> str:
    text = str(value)
    return f"{text[:8]}…" if len(text) > 24 else text
