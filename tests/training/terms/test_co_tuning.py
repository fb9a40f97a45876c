import numpy as np
import pytest
import torch
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch, Batches
from headstart.training.loop import train
from headstart.training.mixing import soft
from headstart.training.schedule import Schedule
from headstart.training.terms.co_tuning import CoTuning, relationship
from headstart.training.terms.cross_entropy import CrossEntropy


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body, self.head, self.source = nn.Linear(6, 8), nn.Linear(8, 3), nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.body(x))


def test_the_relationship_is_the_mean_of_each_class():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(5), size=12)
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, -1, -1, 0])
    known = relationship(proba, labels, 3)
    assert torch.allclose(known.sum(dim=1), torch.ones(3))
    assert known[0].numpy() == pytest.approx((proba[0] + proba[3] + proba[6] + proba[11]) / 4, rel=1e-5)


def test_agrees_with_the_formula():
    model, inputs = TwoHeads(), torch.randn(4, 6)
    known = torch.softmax(torch.randn(3, 5), dim=1)
    labels = torch.tensor([2, 0, -1, 1])
    logp = torch.log_softmax(model.source(model.body(inputs)), dim=1)
    by_hand = -sum((known[labels[row]] * logp[row]).sum().item() for row in (0, 1, 3)) / 3
    term = CoTuning(known, features="body", head="source")
    assert term(Batch(inputs, {"labels": labels}), model).item() == pytest.approx(by_hand, rel=1e-5)
    mixed = term(Batch(inputs, {"labels": soft(labels, 3)}), model)
    assert mixed.item() == pytest.approx(by_hand, rel=1e-5)


def test_it_costs_no_pass_of_its_own_and_trains_the_source_head(batches):
    model, passes = TwoHeads(), []
    model.body.register_forward_hook(lambda *_: passes.append(1))
    before = model.source.weight.detach().clone()
    objective = CrossEntropy() + 2.3 * CoTuning(torch.eye(3, 5), features="body", head="source")
    steps = list(train(model, batches, objective=objective, schedule=Schedule(steps=40, lr=0.02)))
    assert len(passes) == 40
    assert not torch.equal(model.source.weight, before)
    assert steps[-1].loss < steps[0].loss / 2


def test_misuse():
    with pytest.raises(DataError, match="class 1 has no labelled row"):
        relationship(np.ones((2, 4)) / 4, np.array([0, 0]), 2)
    batches = Batches(torch.randn(4, 6), {"labels": torch.zeros(4).long()}, size=4)
    with pytest.raises(DataError, match="over 7 source classes, the head 'source' gives 5"):
        CoTuning(torch.eye(3, 7), features="body", head="source")(batches(0), TwoHeads())
