"""Every error headstart raises on purpose. Each message says what is wrong, what was given, what to do.

HeadstartError
├── DataError        the samples or labels cannot be used            (also a ValueError)
├── UnknownName      a name that no table holds; offers the nearest  (also a ValueError)
├── MissingExtra     an optional package is not installed            (also an ImportError)
├── BackboneError    a network cannot be opened, loaded or cut
├── StoreError       the feature store cannot be read or written
├── TrainingError    training diverged or was asked the impossible
├── ModelError       a model folder is incomplete, foreign or damaged
└── PlanError        a plan cannot be read, made within its limits, or executed (also a ValueError)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HeadstartError(Exception):
    """The root: `except HeadstartError` catches all of the library's own errors."""


class DataError(HeadstartError, ValueError):
    """The samples or labels cannot be used as they are."""


class UnknownName(HeadstartError, ValueError):
    """A name that the table of its kind does not hold.

    >>> raise UnknownName("head", "rigde", ["lda", "ridge"])
    Traceback (most recent call last):
        ...
    headstart.errors.UnknownName: Unknown head 'rigde'. Did you mean 'ridge'? Known: lda, ridge.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        super().__init__(f"Unknown {kind} '{name}'.{hint} Known: {', '.join(names) or 'none'}.")


class MissingExtra(HeadstartError, ImportError):
    """An optional package is needed and not installed, or installed and broken."""


class BackboneError(HeadstartError):
    """A network cannot be opened, loaded, cut or run."""


class StoreError(HeadstartError):
    """The feature store cannot be read or written."""


class TrainingError(HeadstartError):
    """Training diverged or was asked the impossible."""


class ModelError(HeadstartError):
    """A model folder is incomplete, foreign or damaged."""


class PlanError(HeadstartError, ValueError):
    """A plan cannot be read, made within its limits, or executed as written."""
