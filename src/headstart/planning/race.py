"""A short race: what probes cannot tell is tried, a little at first (successive halving; Jamieson & Talwalkar 2016)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from headstart.arrays import Vector
from headstart.stats.power_law import power_law

RUNGS = (1 / 12, 1 / 4)  # shares of a full run: one of its twelve rounds, then three
# Trains for this share of the full run and says which held-out rows (n,) it then gets right (1) or wrong (0).
Runner: TypeAlias = Callable[[float], Vector]


@dataclass(frozen=True, eq=False)
class Racer:
    """One contender after the race.

    shares      of the full run, in which it was tried
    accuracies  at each of them
    correct     (n,) right or wrong per held-out row at the last
    dropped     why it left early, "" where it stayed to the end
    """

    shares: tuple[float, ...]
    accuracies: tuple[float, ...]
    correct: Vector
    dropped: str = ""

    @property
    def full(self) -> float:
        """Accuracy that a full run may be expected to reach: a power law through the errors, never below the last."""
        if len(self.shares) < 2:
            return self.accuracies[-1]
        floor, slope, _ = power_law(np.array(self.shares), 1 - np.array(self.accuracies))
        gained = self.accuracies[-1] - self.accuracies[0]
        law = 1 - (floor + slope)
        # the law is fitted on three points: it may promise as much again as was gained so far, and no more
        return float(np.clip(law, self.accuracies[-1], min(1.0, self.accuracies[-1] + max(0.0, gained))))


def race(
    runners: Mapping[str, Runner], *, standing: Mapping[str, Vector] | None = None, rungs: Sequence[float] = RUNGS
) -> dict[str, Racer]:
    """Run every contender for a small share of its full run, then those that are not beaten for more.

    standing  what needs no training (frozen heads): right or wrong on the same held-out rows; they set the mark, too
    rungs     shares of the full run, growing

    After each rung a contender leaves that is more than one standard error (of the paired difference) behind the best.
    One that is alone and ahead of all that stands is not run any further.
    """
    racers: dict[str, Racer] = {}
    running = dict(runners)
    for rung in rungs:
        for name, run in running.items():
            correct = np.asarray(run(rung), dtype=np.float64)
            before = racers.get(name)
            shares, accuracies = (before.shares, before.accuracies) if before else ((), ())
            racers[name] = Racer((*shares, rung), (*accuracies, float(correct.mean())), correct)
        marks = {**(standing or {}), **{name: racers[name].correct for name in running}}
        best = max(marks, key=lambda name: float(np.mean(marks[name])))
        for name in [name for name in running if _behind(marks[best], marks[name])]:
            del running[name]
            reason = f"behind {best} by more than one standard error after {rung:.0%} of its run"
            racers[name] = Racer(racers[name].shares, racers[name].accuracies, racers[name].correct, reason)
        if not running:
            break
    return racers


def _behind(best: Vector, other: Vector) -> bool:
    difference = best - other
    if len(difference) < 2:
        return False
    return bool(difference.mean() > difference.std(ddof=1) / np.sqrt(len(difference)))
