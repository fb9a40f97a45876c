import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.interpolation import interpolate, interpolated
from headstart.training.terms.term import Term
from headstart.training.validation import Validation


class DistanceTo(Term):
    """(weight - goal)²: a validation loss whose best α is known."""

    def __init__(self, goal: float) -> None:
        self.goal = goal

    def __call__(self, batch, model):
        return (model.weight - self.goal).square().sum()


def validation(goal):
    return Validation(batches=[Batch(torch.zeros(1, 1))], objective=DistanceTo(goal))


def line():
    """From weight 0 to weight 10."""
    start, end = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    start.weight.data.fill_(0.0)
    end.weight.data.fill_(10.0)
    return start, end


@pytest.mark.parametrize(("goal", "alpha"), [(-4.0, 0.0), (4.9, 0.5), (7.4, 0.75), (12.0, 1.0)])
def test_it_stops_where_validation_rows_lose_least(goal, alpha):
    start, end = line()
    found = interpolate(end, start.state_dict(), validation(goal))
    assert found.alpha == alpha
    assert end.weight.item() == pytest.approx(10 * alpha)
    assert dict(found.losses)[0.25] == pytest.approx((2.5 - goal) ** 2)
    assert f"α = {alpha:g}" in str(found)


def test_ends_are_the_ends_bit_by_bit_and_the_middle_is_the_mean(network):
    other = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1.7).add_(0.3)
        other.train()(torch.randn(9, 6))
    first, last = network.state_dict(), other.state_dict()
    for alpha, end in ((0.0, first), (1.0, last)):
        floats = {name for name in end if end[name].is_floating_point()}
        assert all(torch.equal(interpolated(first, last, alpha)[name], end[name]) for name in floats)
    middle = interpolated(first, last, 0.5)
    assert torch.allclose(middle["0.weight"], (first["0.weight"] + last["0.weight"]) / 2)
    assert middle["1.num_batches_tracked"] == 1


def test_equal_losses_go_to_the_trained_end():
    start, end = line()
    assert interpolate(end, start.state_dict(), validation(5.0), alphas=(0.0, 1.0)).alpha == 1.0


def test_misuse():
    start, _ = line()
    with pytest.raises(TrainingError, match="two different networks"):
        interpolated(start.state_dict(), nn.Linear(2, 1, bias=False).state_dict(), 0.5)
    with pytest.raises(ValueError, match="alpha"):
        interpolate(start, start.state_dict(), validation(0.0), alphas=())


def test_what_never_moved_keeps_its_bits() -> None:
    still = {"mask": torch.tensor([-0.0, float("-inf")])}
    between = interpolated(still, still, 0.3)["mask"]
    assert torch.signbit(between).all() and between[1] == float("-inf")
