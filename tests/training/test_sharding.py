"""Real processes: two hold half of every weight each, and train as one that holds all."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batches, in_order
from headstart.training.checkpoint import Checkpoint
from headstart.training.freezing import Frozen
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.sharding import all_dealt_like, dealt_like, is_sharded, own, sharded, whole, whole_state
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.unfreezing import Unfreezing
from headstart.training.validation import Validation

SCRIPT = """
    import json, os, sys
    sys.path.insert(0, {here!r})
    import torch
    torch.set_num_threads(1)
    from pathlib import Path
    from test_sharding import refused, trained
    from headstart.training.processes import joined
    folder = Path(sys.argv[1])
    with joined() as part:
        found = [*trained(folder / "run", stop=20), *trained(folder / "run")]
        found += [trained(folder / "averaged", average=0.5)[1], refused()]
        trained(folder / "left", stop=20)
    threads = [name.read_text() for name in Path("/proc/self/task").glob("*/comm")]  # none where there is no /proc
    (folder / f"rank{{part.rank}}.json").write_text(json.dumps([*found, threads]))
"""


def network_of(*, shard):
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(7, 15), nn.LayerNorm(15), nn.ReLU())  # 15 rows: halves of unequal size
    network = nn.Sequential(nn.Linear(6, 7), body, nn.Linear(15, 3))
    return sharded(network) if shard else network


def trained(folder, *, stop=None, average=None):
    """Losses, final weights and the share of them held here, of a run whose first layer is frozen and whose body joins
    late; with `stop`, one that is left after so many steps."""
    from headstart.training.processes import is_joined

    network = network_of(shard=is_joined())
    inputs = torch.randn(50, 6, generator=torch.Generator().manual_seed(1))
    labels = {"labels": inputs[:, :3].argmax(dim=1)}
    watched = None if average else Validation(batches=in_order(inputs, labels, size=25), every=5, patience=None)
    losses = []
    with Frozen(network[0]):
        steps = train(
            network, Batches(inputs, labels, size=13), objective=CrossEntropy(), schedule=Schedule(steps=40, lr=0.01),
            accumulate=2, unfreezing=Unfreezing({"1": 0.3}), average=average, validation=watched,
            checkpoint=Checkpoint(folder, run="r", every=10),
        )  # fmt: skip
        for step in steps:
            losses.append(step.loss)
            if step.number == stop:
                steps.close()
    held = sum(own(parameter).numel() for parameter in network.parameters())
    return losses, {name: tensor.flatten().tolist() for name, tensor in whole_state(network).items()}, held


def refused():
    """What sharded weights cannot be used for is said."""
    network, batches = network_of(shard=True), Batches(torch.zeros(8, 6), {"labels": torch.arange(8) % 3}, size=4)
    said = []
    for options in ({"objective": CrossEntropy() + 0.1 * Anchor.l2sp(network)}, {"precision": "fp16"}):
        try:
            list(train(network, batches, **{"objective": CrossEntropy(), "schedule": Schedule(steps=2), **options}))
        except TrainingError as error:
            said.append(str(error))
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sharded")


@pytest.fixture(scope="module")
def both(folder):
    script = folder / "script.py"
    script.write_text(textwrap.dedent(SCRIPT.format(here=str(Path(__file__).parent))))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", str(script)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(folder)], env=surroundings, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in (0, 1)]


def test_two_halves_learn_what_the_whole_learns(both, tmp_path):
    losses, weights, _ = trained(tmp_path / "alone")
    for found in both:
        assert [*found[0], *found[3]] == pytest.approx(losses, rel=1e-4)
        for name, tensor in weights.items():
            assert found[4][name] == pytest.approx(tensor, abs=1e-4)


def test_a_run_that_was_left_goes_on_from_its_state(both):
    assert [len(found[0]) for found in both] == [20, 20]
    assert [len(found[3]) for found in both] == [20, 20]


def test_one_process_goes_on_where_two_were_left(both, folder, tmp_path):
    losses, weights, _ = trained(tmp_path / "alone")
    rest, found, _ = trained(folder / "left")
    assert rest == pytest.approx(losses[20:], rel=1e-4)
    for name, tensor in weights.items():
        assert found[name] == pytest.approx(tensor, abs=1e-4)


def test_an_average_of_shares_is_the_average_of_the_whole(both, tmp_path):
    _, weights, _ = trained(tmp_path / "alone", average=0.5)
    for found in both:
        for name, tensor in weights.items():
            assert found[6][name] == pytest.approx(tensor, abs=1e-4)


def test_each_process_holds_its_share_only(both):
    entries = sum(parameter.numel() for parameter in network_of(shard=False).parameters())
    assert both[0][5] + both[1][5] == entries
    assert max(both[0][5], both[1][5]) < 0.6 * entries


def test_what_shares_cannot_do_is_said(both):
    for found in both:
        anchor, precision = found[7]
        assert "reads whole weights" in anchor
        assert "bf16" in precision


def test_nothing_of_the_group_outlives_it(both):
    for found in both:  # gloo's threads bring a process down that ends before them
        assert not [thread for thread in found[8] if "gloo" in thread]


def test_alone_there_is_nobody_to_share_with():
    network = network_of(shard=False)
    with pytest.raises(TrainingError, match="torchrun"):
        sharded(network)
    assert not is_sharded(network)


def test_a_tensor_that_is_not_shared_is_itself():
    tensor = torch.arange(3.0)
    assert whole(tensor) is own(tensor) is dealt_like(tensor, torch.zeros(3)) is tensor
    assert all_dealt_like({"a": tensor}, {}) == {"a": tensor}
