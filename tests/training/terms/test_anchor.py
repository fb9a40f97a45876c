import copy

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.cross_entropy import CrossEntropy

NOTHING = Batch(torch.zeros(1, 6))


def moved_by(network, shift):
    other = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter += shift
    return other


def test_agrees_with_the_formula(network):
    """½ · shift² · number of weights: computed on paper."""
    n = sum(parameter.numel() for parameter in network.parameters())
    term = Anchor.l2sp(network)
    assert term(NOTHING, network).item() == 0
    assert term(NOTHING, moved_by(network, 0.5)).item() == pytest.approx(0.5 * 0.25 * n, rel=1e-5)


def test_the_gradient_is_the_way_from_the_start(network):
    away = moved_by(network, 0.25)
    (3.0 * Anchor.l2sp(network))(NOTHING, away).backward()
    for parameter in away.parameters():
        assert torch.allclose(parameter.grad, torch.full_like(parameter, 0.75), atol=1e-5)


def test_weights_are_a_diagonal(network):
    """Elastic weight consolidation: ½ Σ F (θ - θ*)², against a double loop over the entries."""
    start = dict(network.named_parameters())
    fisher = {name: torch.rand(p.shape, generator=torch.Generator().manual_seed(3)) for name, p in start.items()}
    fisher["4.bias"] = torch.tensor(2.0)  # one number for a whole parameter
    away = moved_by(network, 0.5)
    by_hand = sum(
        0.5 * float(f) * 0.25 for name, p in start.items() for f in fisher[name].expand(p.shape).flatten().tolist()
    )
    assert Anchor(start, weights=fisher)(NOTHING, away).item() == pytest.approx(by_hand, rel=1e-4)


def test_a_new_head_is_pulled_to_nothing_and_what_may_not_move_counts_nothing(network):
    bigger = copy.deepcopy(network)
    bigger[4] = nn.Linear(16, 9)
    squares = sum(p.square().sum().item() for p in bigger[4].parameters())
    assert Anchor.l2sp(network, new=0.1)(NOTHING, bigger).item() == pytest.approx(0.05 * squares, rel=1e-5)
    assert Anchor.l2sp(network, new=0.0)(NOTHING, bigger).item() == 0
    away = moved_by(network, 1.0)
    away[0].requires_grad_(False)
    n = sum(parameter.numel() for parameter in away.parameters() if parameter.requires_grad)
    assert Anchor.l2sp(network)(NOTHING, away).item() == pytest.approx(0.5 * n, rel=1e-5)


def test_the_start_is_a_copy(network):
    term = Anchor.l2sp(network)
    before = term(NOTHING, moved_by(network, 1.0)).item()
    start = copy.deepcopy(network)
    with torch.no_grad():
        network[0].weight.zero_()
    assert term(NOTHING, moved_by(start, 1.0)).item() == pytest.approx(before)


def test_it_holds_the_weights_back(network, batches):
    def distance(strength):
        model = copy.deepcopy(network)
        objective = CrossEntropy() + strength * Anchor.l2sp(network)
        for _ in train(model, batches, objective=objective, schedule=Schedule(steps=60, lr=0.02, weight_decay=0.0)):
            pass
        pairs = zip(model.parameters(), network.parameters(), strict=True)
        return sum(float((p - q).detach().square().sum()) for p, q in pairs)

    assert distance(1.0) < 0.1 * distance(0.0)


def test_misuse(network):
    with pytest.raises(ValueError, match="new must not be negative"):
        Anchor.l2sp(network, new=-1)
    other = nn.Sequential(nn.Sequential(nn.Linear(6, 3)))
    with pytest.raises(TrainingError, match=r"no parameter that may move is anchored: the anchor holds 0.weight"):
        Anchor.l2sp(network)(NOTHING, other)
