"""`headstart store list | verify | prune`: what was computed and kept, whether it is sound, and making room."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headstart.cli.output import show

if TYPE_CHECKING:
    from headstart.features.store import Store

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_where = click.option(
    "--store", "root", type=click.Path(path_type=Path), help="Its folder; default: $HEADSTART_STORE, else the cache."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def size(text: str) -> int:
    """A number of bytes.

    >>> size("1.5 GB"), size("500MB")
    (1500000000, 500000000)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if not match:
        raise click.BadParameter(f"{text!r} is no size; write for example 500MB or 20GB")
    return round(float(match[1]) * _UNITS[match[2]])


@click.group()
def store() -> None:
    """The store: every frozen value is computed once, every run that has finished is kept."""


@store.command("list")
@_where
@_json
def list_(root: Path | None, as_json: bool) -> None:
    """Show what is stored: rows, bytes and last use, and what finished runs take."""
    show(_open(root).list(), as_json=as_json)


@store.command()
@_where
@_json
def verify(root: Path | None, as_json: bool) -> None:
    """Read everything and check every row; exit status 1 if any is damaged.

    A damaged row is never used in any case: it is computed again when it is next needed.
    """
    found = _open(root).verify()
    show(found, as_json=as_json)
    if not found.sound:
        sys.exit(1)


@store.command()
@_where
@click.option("--older-than", type=click.IntRange(min=0), metavar="DAYS", help="Remove what was not used for so long.")
@click.option("--max-size", type=size, metavar="SIZE", help="Keep at most this much, e.g. 20GB; the last used stays.")
@_json
def prune(root: Path | None, older_than: int | None, max_size: int | None, as_json: bool) -> None:
    """Sweep what crashes left, merge small files, and remove what is asked for.

    What is removed is computed again when it is next needed.
    """
    age = None if older_than is None else timedelta(days=older_than)
    show(_open(root).prune(older_than=age, max_size=max_size), as_json=as_json)


def _open(root: Path | None) -> Store:
    from headstart.features.store import Store

    return Store(root)
