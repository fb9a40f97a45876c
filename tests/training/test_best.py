import math

import torch
from torch import nn

from headstart.training.best import Best


def set_to(model, value):
    with torch.no_grad():
        model.weight.fill_(value)


def test_the_lowest_value_wins_and_later_changes_do_not_reach_the_copy():
    model = nn.Linear(2, 1)
    best = Best(model)
    for step, value in enumerate([3.0, 1.0, math.nan, 2.0, math.inf], start=1):
        set_to(model, step)
        assert best.offer(model, value=value, step=step) == (step in (1, 2))
    set_to(model, -1)
    best.restore(model)
    assert best.step == 2
    assert torch.equal(model.weight, torch.full((1, 2), 2.0))


def test_without_an_offer_the_initial_weights_come_back():
    model = nn.Linear(2, 1)
    before = model.weight.detach().clone()
    best = Best(model)
    set_to(model, 9)
    best.restore(model)
    assert torch.equal(model.weight, before)
