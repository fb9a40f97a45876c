"""What the probes say of one strategy, row by row, so that two strategies can be compared on the same rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import norm

from headstart.arrays import Vector
from headstart.planning.experience import QUANTILE, Lead
from headstart.planning.plan import Option
from headstart.results import Interval
from headstart.stats.intervals import paired_gain

FEWEST_PAIRS = 10


@dataclass(frozen=True, eq=False)
class Foretold:
    """An option beside the evidence for it.

    correct    (n,) right (1) or wrong (0) per probe row, NaN where not judged; None where nothing was judged by rows
    r2         leave-one-out R² of what it rests on, NaN where there is none
    explained  (n,) what each probe row contributes to it; None likewise
    usual      whether these are the layers that one would take of its backbone without having measured
    strength   public figure of its backbone, in standard deviations; None where nothing is known
    taught     whether its backbone learned anything elsewhere
    lead       what is believed of its lead over the best frozen option; None where it was judged by itself
    outside    share of the probe rows that lie outside what its network has learned from, NaN where that is not known
    """

    option: Option
    correct: Vector | None = None
    r2: float = float("nan")
    explained: Vector | None = None
    usual: bool = True
    strength: float | None = None
    taught: bool = True
    outside: float = float("nan")
    lead: Lead | None = None

    @property
    def known(self) -> bool:
        return self.option.accuracy is not None

    @property
    def accuracy(self) -> float:
        return float("nan") if self.option.accuracy is None else self.option.accuracy.value

    def with_(self, **values: Any) -> Foretold:
        """The same with some values of its option replaced."""
        return replace(self, option=replace(self.option, **values))


def gain(first: Foretold, second: Foretold, groups: tuple[str, ...] | None = None) -> Interval | None:
    """Accuracy of the first minus that of the second: paired where both judged the same rows, else as if independent.

    None where one of them is not known.
    """
    a, b = first.option.accuracy, second.option.accuracy
    if a is None or b is None:
        return None
    value = a.value - b.value
    if first.correct is not None and second.correct is not None:
        both = ~np.isnan(first.correct) & ~np.isnan(second.correct)
        if both.sum() >= FEWEST_PAIRS:
            chosen = None if groups is None else [groups[row] for row in np.flatnonzero(both).tolist()]
            paired = paired_gain(first.correct[both], second.correct[both], groups=chosen)
            return Interval(value, min(value, value + paired.low - paired.value), value + paired.high - paired.value)
    half = float(np.hypot(a.high - a.low, b.high - b.low)) / 2
    return Interval(value, value - half, value + half)


def standard_error(difference: Interval) -> float:
    return (difference.high - difference.low) / 2 / QUANTILE


def p_below_zero(difference: Interval) -> float:
    """Probability that the true difference is below zero, if errors are normal."""
    se = standard_error(difference)
    if se <= 0:
        return 0.5 if difference.value == 0 else float(difference.value < 0)
    return float(norm.cdf(-difference.value / se))
