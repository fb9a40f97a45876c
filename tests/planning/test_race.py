"""Successive halving: who leaves, who stays, what the curve promises."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.planning.race import Racer, race


def right(share: float, n: int = 200) -> np.ndarray:
    return (np.arange(n) < share * n).astype(float)


def test_the_slow_leave_early_and_the_fast_run_on() -> None:
    runs: list[tuple[str, float]] = []

    def runner(name: str, gain: float):
        def run(share: float) -> np.ndarray:
            runs.append((name, share))
            return right(0.5 + gain * share**0.5)

        return run

    racers = race({"fast": runner("fast", 0.9), "slow": runner("slow", 0.1)}, standing={"frozen": right(0.75)})
    assert runs == [("fast", 1 / 12), ("slow", 1 / 12), ("fast", 1 / 4)]
    assert "behind fast" in racers["slow"].dropped
    assert racers["fast"].dropped == ""
    assert racers["fast"].shares == (1 / 12, 1 / 4)
    assert racers["fast"].full > racers["fast"].accuracies[-1]


def test_what_stands_ends_a_race_only_where_it_is_hopeless() -> None:
    lost = race({"scratch": lambda share: right(0.4)}, standing={"frozen": right(0.9)})["scratch"]
    assert lost.shares == (1 / 12,)
    assert "behind frozen by more than a run still gains" in lost.dropped
    open_still = race({"scratch": lambda share: right(0.8)}, standing={"frozen": right(0.9)})["scratch"]
    assert open_still.shares == (1 / 12, 1 / 4)
    assert open_still.dropped == ""


def test_the_promise_is_bounded_by_what_was_seen() -> None:
    flat = Racer((0.05, 0.1, 0.2), (0.7, 0.7, 0.7), right(0.7))
    assert flat.full == pytest.approx(0.7)
    rising = Racer((0.05, 0.1, 0.2), (0.5, 0.6, 0.66), right(0.66))
    assert 0.66 < rising.full <= 0.82
    assert Racer((0.05,), (0.4,), right(0.4)).full == 0.4


def test_who_is_ahead_beyond_chance_and_alone_runs_no_further() -> None:
    won = race({"scratch": lambda share: right(0.9)}, standing={"frozen": right(0.6)})["scratch"]
    assert won.shares == (1 / 12,)
    assert won.dropped == ""
    two = race({name: lambda share: right(0.9) for name in ("scratch", "all")}, standing={"frozen": right(0.6)})
    assert all(racer.shares == (1 / 12, 1 / 4) for racer in two.values()), "which of them is better is still open"
