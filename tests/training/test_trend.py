import math

import pytest

from headstart.training.trend import Trend


def test_it_is_a_weighted_mean_of_all_losses():
    losses = [3.0, 1.0, 4.0, 1.0, 5.0]
    trend = Trend()
    for loss in losses:
        trend.add(loss)
    weights = [0.9**4] + [0.1 * 0.9 ** (4 - t) for t in range(1, 5)]
    assert sum(weights) == pytest.approx(1)
    assert trend.value == pytest.approx(sum(w * loss for w, loss in zip(weights, losses, strict=True)))


@pytest.mark.parametrize(("first", "then", "runs_away"), [(2.0, 20.0, False), (2.0, 400.0, True), (0.01, 9.0, False),
                                                          (0.01, 500.0, True), (-3.0, -1.0, False)])  # fmt: skip
def test_ten_times_as_high_as_it_began_is_running_away(first, then, runs_away):
    trend = Trend().add(first)
    assert not trend.runs_away
    assert trend.add(then).runs_away is runs_away


def test_nothing_runs_away_before_it_began():
    assert not Trend().runs_away
    assert math.isnan(Trend().value)


def test_a_state_goes_on():
    first, second = Trend().add(0.1).add(0.7), Trend()
    second.load_state(first.state())
    assert second.add(3.3).value == first.add(3.3).value
