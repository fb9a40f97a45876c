"""How a command prints what it found: as text for people, as one JSON document for machines."""

from __future__ import annotations

import json
import sys
from typing import Any

import click


def show(found: Any, *, as_json: bool) -> None:
    """`str(found)`, or its fields as JSON (dates and paths as text, NaN as null)."""
    click.echo(as_document(found) if as_json else str(found))


def bars(*, quiet: bool) -> bool:
    """Whether to show progress: not when asked to be quiet, and not where standard error is a file or a pipe."""
    return not quiet and sys.stderr.isatty()


def as_document(found: Any) -> str:
    """Indented JSON of a dataclass, or of anything made of plain values."""
    from headstart.results import to_plain

    return json.dumps(to_plain(found), ensure_ascii=False, indent=2, default=str)
