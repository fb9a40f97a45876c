"""Plain values that say how well something works: frozen, printable, with `to_dict` for machines."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A value with the range it plausibly lies in (`level` is the coverage, .95 unless said).

    >>> print(Interval(0.912, 0.88, 0.94))
    .912 [.880, .940]
    """

    value: float
    low: float
    high: float
    level: float = 0.95

    def __str__(self) -> str:
        return f"{fraction(self.value)} [{fraction(self.low)}, {fraction(self.high)}]"

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Score:
    """An accuracy (0..1) on `n` held-out samples, its standard error, and its interval."""

    value: float
    se: float
    n: int
    interval: Interval

    def __str__(self) -> str:
        return str(self.interval)


def fraction(value: float, digits: int = 3) -> str:
    """`.912`, `-.050`, `1.000`: the way tables of accuracies are printed.

    >>> fraction(0.9117), fraction(-0.05), fraction(1.0), fraction(float("nan"))
    ('.912', '-.050', '1.000', '–')
    """
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def to_plain(value: Any) -> Any:
    """Dataclasses, numpy values, paths and tuples as what JSON can hold; NaN and infinity become None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: to_plain(inner) for key, inner in asdict(value).items()}
    if isinstance(value, dict):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist())
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
