"""Real processes: `torchrun` starts two, which train over gloo as one would with the same batches."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn

from headstart.training.batches import Batch, Batches
from headstart.training.loop import train
from headstart.training.processes import Share, joined, share
from headstart.training.schedule import Schedule
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.cross_entropy import CrossEntropy

SCRIPT = """
    import json, os, sys
    sys.path.insert(0, {here!r})
    import torch
    torch.set_num_threads(1)
    from pathlib import Path
    from test_processes import of_one_make, trained
    from headstart.training.processes import joined
    alone = of_one_make()
    with joined() as part:
        losses, weights = trained(Path(sys.argv[1]))
        found = [losses, weights, part.count, of_one_make(), alone]
        (Path(sys.argv[1]) / f"rank{{part.rank}}.json").write_text(json.dumps(found))
"""


def of_one_make():
    """Losses where the batches know nothing of processes: every process sees the same rows."""
    torch.manual_seed(0)
    network, inputs = nn.Linear(6, 3), torch.randn(12, 6, generator=torch.Generator().manual_seed(1))
    batch = {"labels": torch.arange(12) % 3}
    steps = train(network, lambda _: Batch(inputs, batch), objective=CrossEntropy(), schedule=Schedule(steps=5))
    return [step.loss for step in steps]


def trained(folder):
    """Losses and final weights of a run with uneven batches (13 and 12 rows), in parts, with layers that join late."""
    from headstart.training.checkpoint import Checkpoint
    from headstart.training.unfreezing import Unfreezing

    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
    inputs = torch.randn(50, 6, generator=torch.Generator().manual_seed(1))
    batches = Batches(inputs, {"labels": inputs[:, :3].argmax(dim=1)}, size=13)
    objective = CrossEntropy(smoothing=0.1) + 0.01 * Anchor.l2sp(network)
    steps = train(
        network, batches, objective=objective, schedule=Schedule(steps=30, lr=0.01), accumulate=2, average=0.5,
        unfreezing=Unfreezing({"0": 0.3}), checkpoint=Checkpoint(folder / "run", run="r", every=10),
    )  # fmt: skip
    losses = []
    for step in steps:
        losses.append(step.loss)
        if step.number == int(os.environ.get("DIES_AT", "0")) and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os._exit(9)
    return losses, [parameter.flatten().tolist() for parameter in network.parameters()]


def torchrun(folder, *options, **environment):
    script = folder / "script.py"
    script.write_text(textwrap.dedent(SCRIPT.format(here=str(Path(__file__).parent))))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", *options, str(script), str(folder)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(path.read_text()) for path in sorted(folder.glob("rank*.json"))]


def test_two_processes_give_the_losses_of_one_with_the_doubled_batch(tmp_path):
    first, second = torchrun(tmp_path, "--nproc_per_node=2")
    losses, weights = trained(tmp_path / "alone")
    assert first == second
    assert first[2] == 2
    assert first[3] == pytest.approx(first[4], rel=1e-5)
    assert first[0] == pytest.approx(losses, rel=1e-5)
    for together, alone in zip(first[1], weights, strict=True):
        assert together == pytest.approx(alone, abs=1e-5)


def test_a_process_that_dies_is_started_again_and_the_run_goes_on(tmp_path):
    """Both are started anew (`--max-restarts`), meet again in a room of their own, and go on from the last state."""
    first, second = torchrun(tmp_path, "--nproc_per_node=2", "--max-restarts=2", DIES_AT="17")
    losses, weights = trained(tmp_path / "alone")
    assert first == second
    assert first[0] == pytest.approx(losses[10:], rel=1e-5)
    for together, alone in zip(first[1], weights, strict=True):
        assert together == pytest.approx(alone, abs=1e-5)


def test_alone_without_a_launcher(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    with joined() as part:
        assert part == Share(0, 1) == share()
    assert (Share(0, 2).place, Share(1, 2).place) == ((), (1,))


def test_misuse():
    with pytest.raises(ValueError, match="rank"):
        Share(2, 2)
