"""Where the store lies, what it holds, and whether there is room for more."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from headstart.features.store import Store
from headstart.installation.finding import Finding

SCARCE = 1_000_000_000  # bytes; about 300,000 rows of 768 numbers


def store_space(store: Store | None = None) -> Finding:
    """Path, size and free disk of the store; broken where nothing can be written."""
    store = store or Store()
    ground = next(folder for folder in (store.root, *store.root.absolute().parents) if folder.exists())
    if not ground.is_dir() or not os.access(ground, os.W_OK | os.X_OK):
        return Finding(
            name="store", status="broken", detail=f"{store.root} cannot be written",
            fix="set HEADSTART_STORE to a folder that can be",
        )  # fmt: skip
    free = shutil.disk_usage(ground).free
    detail = f"{store.root}: {megabytes(_size(store.root))} used, {megabytes(free)} free"
    if free < SCARCE:
        fix = "headstart store prune --max-size 1GB, or set HEADSTART_STORE to a larger disk"
        return Finding(name="store", status="note", detail=detail, fix=fix)
    return Finding(name="store", status="ok", detail=detail)


def megabytes(size: int) -> str:
    """
    >>> megabytes(1_234_567_890)
    '1,235 MB'
    """
    return f"{size / 1e6:,.0f} MB"


def _size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) if root.is_dir() else 0
