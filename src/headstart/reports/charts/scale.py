"""From a value to a place on the drawing, and the round numbers to print beside the axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps [low, high] onto [start, stop], linearly or by logarithm; values outside are held at the ends.

    >>> Scale(0.5, 1.0, 100, 300)(0.75)
    200.0
    """

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (math.log(v) if self.logarithmic else v for v in (self.low, self.high, self._held(value)))
        position = 0.5 if high == low else (at - low) / (high - low)
        return self.start + position * (self.stop - self.start)

    def _held(self, value: float) -> float:
        return min(max(value, self.low), self.high)


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten that lie within [low, high], at most `most` of them.

    >>> ticks(0.42, 1.0)
    (0.6, 0.8, 1.0)
    """
    step = _step(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(index * step, 12) for index in range(first, last + 1))


def share_range(values: Iterable[float], *, most: int = 6) -> tuple[float, float]:
    """The smallest range of round numbers within [0, 1] that holds all values; never narrower than a tenth."""
    held = [min(max(value, 0.0), 1.0) for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(held), max(held)
    if high - low < 0.1:
        low = max(0.0, min(low - 0.05, 0.9))
        high = min(1.0, low + 0.1 + (high - low))
    step = _step(low, high, most) / 2  # an axis may end between two of its numbers
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return round(max(low, 0.0), 12), round(min(high, 1.0), 12)


def _step(low: float, high: float, most: int) -> float:
    rough = max(high - low, 1e-9) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
