import copy
import math

import pytest
import torch
from torch import nn

from headstart.errors import DataError, TrainingError
from headstart.training.batches import Batches
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.term import Term


def run(network, batches, *, steps=30, objective=None, seed=0, **options):
    schedule = Schedule(steps=steps, **options)
    return list(train(network, batches, objective=objective or CrossEntropy(), schedule=schedule, seed=seed))


def test_agrees_with_a_plain_pytorch_loop(batches):
    """Without dropout the loop is the textbook's: AdamW, clipping, one rate per step."""
    network = nn.Sequential(nn.Linear(6, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
    twin = copy.deepcopy(network)
    schedule = Schedule(steps=25, lr=0.01, weight_decay=0.0, clip=0.5)
    done = list(train(network, batches, objective=CrossEntropy(smoothing=0.1), schedule=schedule))

    optimizer = torch.optim.AdamW(twin.parameters(), weight_decay=0.0, fused=True)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    losses = []
    for step in range(25):
        optimizer.param_groups[0]["lr"] = schedule.rate(step)
        batch = batches(step)
        optimizer.zero_grad()
        loss = criterion(twin(batch.inputs), batch["labels"])
        loss.backward()
        nn.utils.clip_grad_norm_(twin.parameters(), 0.5)
        optimizer.step()
        losses.append(loss.item())
    assert [step.loss for step in done] == pytest.approx(losses, rel=1e-5)
    for ours, theirs in zip(network.state_dict().values(), twin.state_dict().values(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_learns_a_rule(network, batches, optimizer):
    steps = run(network, batches, steps=200, lr=0.02, optimizer=optimizer)
    with torch.no_grad():
        accuracy = (network(batches.inputs).argmax(1) == batches.columns["labels"]).double().mean()
    assert steps[-1].loss < steps[0].loss
    assert accuracy > 0.9


def test_same_seed_same_bits_other_seed_other_bits(network, batches):
    torch.manual_seed(1)
    twin, other = copy.deepcopy(network), copy.deepcopy(network)
    run(network, batches, seed=5)
    torch.rand(7)  # what happens outside must not matter
    run(twin, batches, seed=5)
    run(other, batches, seed=6)
    assert state_digest(network) == state_digest(twin)
    assert not torch.equal(network[0].weight, other[0].weight)


def test_steps_are_numbered_and_carry_their_rate(network, batches):
    schedule = Schedule(steps=7)
    done = list(train(network, batches, objective=CrossEntropy(), schedule=schedule))
    assert [step.number for step in done] == list(range(1, 8))
    assert [step.rate for step in done] == [schedule.rate(step) for step in range(7)]


def test_the_caller_may_stop_and_the_model_is_left_in_eval_mode(network, batches):
    running = train(network, batches, objective=CrossEntropy(), schedule=Schedule(steps=100))
    for step in running:
        if step.number == 3:
            break
    running.close()
    assert not network.training
    run(network, batches, steps=2)
    assert not network.training


@pytest.mark.parametrize(("lr", "clip"), [(1e38, None), (1e38, 1.0)])
def test_divergence_is_named_and_the_best_weights_are_kept(network, batches, lr, clip):
    with pytest.raises(TrainingError, match=r"no number at step \d+ with learning rate .*ten times lower"):
        run(network, batches, steps=60, lr=lr, clip=clip, warmup=0.0, optimizer="sgd")
    assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())


class TurnsBad(Term):
    """Cross-entropy until a step, then NaN: a run that went well at first."""

    def __init__(self, after: int) -> None:
        self.after, self.calls = after, 0

    def __call__(self, batch, model):
        self.calls += 1
        return CrossEntropy()(batch, model) * (math.nan if self.calls > self.after else 1.0)


def test_a_run_that_went_well_before_it_broke_keeps_what_it_had_learned(network, batches):
    start = copy.deepcopy(network.state_dict())
    with pytest.raises(TrainingError, match=r"at step 91 .*weights of step \d+"):
        run(network, batches, steps=100, lr=0.02, objective=TurnsBad(90))
    labels = batches.columns["labels"]
    with torch.no_grad():
        trained = nn.functional.cross_entropy(network(batches.inputs), labels)
        network.load_state_dict(start)
        untrained = nn.functional.cross_entropy(network(batches.inputs), labels)
    assert trained < untrained / 2


def test_nan_in_the_inputs_is_noticed_before_it_reaches_the_weights(network, batches):
    batches.inputs[17, 2] = math.nan
    with pytest.raises(TrainingError, match="NaN in the inputs"):
        run(network, batches)
    assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())


def test_missing_labels_are_named_before_the_first_step(network):
    before = network[0].weight.detach().clone()
    with pytest.raises(DataError, match="needs labels"):
        run(network, Batches(torch.randn(8, 6), {}, size=4))
    assert torch.equal(network[0].weight, before)
