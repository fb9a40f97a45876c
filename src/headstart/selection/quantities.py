"""Times, numbers of weights and memory as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from headstart.errors import DataError

_TIMES = {"ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "": 1.0}
_COUNTS = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9}
_BYTES = {"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def seconds_of(text: str | float) -> float:
    """A duration in seconds.

    >>> seconds_of("10min"), seconds_of("1.5h"), seconds_of("30"), seconds_of("20ms")
    (600.0, 5400.0, 30.0, 0.02)

    Raises `DataError` for anything else.
    """
    return _read(text, _TIMES, "no duration; write for example 90s, 10min, 2h or 20ms")


def count_of(text: str | float) -> int:
    """A number of weights.

    >>> count_of("25M"), count_of("500k"), count_of(12)
    (25000000, 500000, 12)

    Raises `DataError` for anything else.
    """
    return int(_read(text, _COUNTS, "no number of weights; write for example 500k, 25M or 1B"))


def bytes_of(text: str | float) -> int:
    """An amount of memory in bytes.

    >>> bytes_of("100MB"), bytes_of("2GiB")
    (100000000, 2147483648)

    Raises `DataError` for anything else.
    """
    return int(_read(text, _BYTES, "no amount of memory; write for example 100MB or 2GiB"))


def _read(text: str | float, units: Mapping[str, float], otherwise: str) -> float:
    if isinstance(text, int | float):
        return float(text)
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if not found or found[2] not in units:
        raise DataError(f"'{text}' is {otherwise}")
    return float(found[1]) * units[found[2]]
