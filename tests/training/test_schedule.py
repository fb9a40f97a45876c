import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import TrainingError
from headstart.training.schedule import Schedule


def torch_rates(schedule: Schedule) -> list[float]:
    """The same curve from torch's own schedulers."""
    rising = round(schedule.warmup * schedule.steps)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=schedule.lr)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=schedule.steps + 1 - rising)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, falling], milestones=[rising - 1])
    rates = []
    for _ in range(schedule.steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        both.step()
    return rates


def test_rates_agree_with_torch_schedulers():
    schedule = Schedule(steps=50, lr=0.3, warmup=0.2)
    assert [schedule.rate(step) for step in range(50)] == pytest.approx(torch_rates(schedule))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.floats(0, 1), st.floats(1e-6, 10))
def test_rates_rise_then_fall_between_zero_and_the_highest(steps, warmup, lr):
    schedule = Schedule(steps=steps, warmup=warmup, lr=lr)
    rates = [schedule.rate(step) for step in range(steps)]
    assert all(0 < rate <= lr * (1 + 1e-12) for rate in rates)
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_decay_spares_biases_and_normalisation():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))
    optimizer = Schedule(weight_decay=0.5).make_optimizer(model)
    decayed = {id(p) for group in optimizer.param_groups if group["weight_decay"] for p in group["params"]}
    assert decayed == {id(model[0].weight), id(model[3].weight)}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))


def test_groups_keep_their_scale():
    schedule = Schedule(steps=10, lr=0.1, warmup=0.0)
    optimizer = schedule.make_optimizer(nn.Linear(2, 2))
    optimizer.param_groups[0]["scale"] = 0.5
    rate = schedule.set_rate(optimizer, 3)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5 * rate, rate]


def test_only_what_may_move_is_given_to_the_optimizer():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    moving = [p for group in Schedule().make_optimizer(model).param_groups for p in group["params"]]
    assert {id(p) for p in moving} == {id(p) for p in model[1].parameters()}
    model.requires_grad_(False)
    with pytest.raises(TrainingError, match="no parameter that may move"):
        Schedule().make_optimizer(model)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "at least 1"), ({"batch_size": 0}, "at least 1"), ({"lr": 0.0}, "positive"),
        ({"lr": float("nan")}, "positive"), ({"warmup": 1.5}, "fraction"), ({"clip": 0.0}, "clip"),
        ({"weight_decay": -1.0}, "weight_decay"), ({"optimizer": "lion"}, "adamw"),
    ],
)  # fmt: skip
def test_wrong_numbers_are_refused_where_they_are_written(wrong, message):
    with pytest.raises(ValueError, match=message):
        Schedule(**wrong)
