"""A short race: what probes cannot tell is tried, a little at first (successive halving; Jamieson & Talwalkar 2016)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from headstart.arrays import Vector
from headstart.stats.power_law import power_law

RUNGS = (1 / 12, 1 / 4)  # shares of a full run: one of its twelve rounds, then three
HOPE = 0.2  # accuracy that a run may still gain on what stands after its first twelfth
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

    After each rung a contender leaves that is more than one standard error (of the paired difference) behind the best
    of the others; what stands has learned all it can, so that it beats only those who are further behind it than a run
    may still gain. The last one running has won, and runs no further, once it is ahead of all that stands by more than
    two.
    """
    racers: dict[str, Racer] = {}
    running = dict(runners)
    for rung in rungs:
        for name, run in running.items():
            correct = np.asarray(run(rung), dtype=np.float64)
            before = racers.get(name)
            shares, accuracies = (before.shares, before.accuracies) if before else ((), ())
            racers[name] = Racer((*shares, rung), (*accuracies, float(correct.mean())), correct)
        for name, reason in _leaving(running, racers, standing or {}).items():
            del running[name]
            racers[name] = replace(racers[name], dropped=f"{reason} after {rung:.0%} of its run")
        if not running or _won(running, racers, standing or {}):
            break
    return racers


def _leaving(
    running: Mapping[str, Runner], racers: Mapping[str, Racer], standing: Mapping[str, Vector]
) -> dict[str, str]:
    """Who leaves, and behind whom."""
    best = max(running, key=lambda name: float(racers[name].correct.mean()))
    found = {}
    for name in running:
        correct = racers[name].correct
        beaten = [mark for mark, other in standing.items() if _behind(other - HOPE, correct)]
        if beaten:
            found[name] = f"behind {beaten[0]} by more than a run still gains"
        elif _behind(racers[best].correct, correct):
            found[name] = f"behind {best} by more than one standard error"
    return found


def _won(running: Mapping[str, Runner], racers: Mapping[str, Racer], standing: Mapping[str, Vector]) -> bool:
    """Whether the answer would not change: one is left, ahead of all that stands beyond chance."""
    if len(running) != 1 or not standing:
        return False
    correct = racers[next(iter(running))].correct
    return all(_behind(correct, other, errors=2.0) for other in standing.values())


def _behind(best: Vector, other: Vector, *, errors: float = 1.0) -> bool:
    difference = best - other
    if len(difference) < 2:
        return False
    return bool(difference.mean() > errors * difference.std(ddof=1) / np.sqrt(len(difference)))
