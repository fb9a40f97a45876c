"""Atomic, whole or absent, and a killed run ends bit-identical to one that was never stopped."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import nn

from headstart.errors import TrainingError
from headstart.training.batches import Batches
from headstart.training.chance import chance
from headstart.training.checkpoint import Checkpoint, write_atomically
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def make_network():
    with chance(0):
        return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))


def make_batches():
    inputs = torch.randn(50, 6, generator=torch.Generator().manual_seed(1))
    return Batches(inputs, {"labels": inputs[:, :3].argmax(dim=1)}, size=16)


def run(checkpoint=None, *, steps=60, until=None, optimizer="adamw"):
    network, numbers = make_network(), []
    schedule = Schedule(steps=steps, lr=0.01, optimizer=optimizer)
    for step in train(network, make_batches(), objective=CrossEntropy(), schedule=schedule, checkpoint=checkpoint):
        numbers.append(step.number)
        if step.number == until:
            break
    return network, numbers


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("stop", [1, 9, 10, 11, 37, 60])
def test_a_stopped_run_ends_as_if_never_stopped(tmp_path, stop, optimizer):
    whole, _ = run(optimizer=optimizer)
    run(Checkpoint(tmp_path, run="r", every=10), until=stop, optimizer=optimizer)
    resumed, numbers = run(Checkpoint(tmp_path, run="r", every=10), optimizer=optimizer)
    assert state_digest(resumed) == state_digest(whole)
    assert len(numbers) == 60 - stop // 10 * 10


CHILD = """
    import sys
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    sys.path.insert(0, sys.argv[2])
    from test_checkpoint import long_run
    for number in long_run(Path(sys.argv[1])):
        print(number, flush=True)
"""


def long_run(folder):
    network = make_network()
    steps = train(
        network, make_batches(), objective=CrossEntropy(), schedule=Schedule(steps=300),
        checkpoint=Checkpoint(folder, run="r", every=7),
    )  # fmt: skip
    for step in steps:
        yield step.number
    yield state_digest(network)


def test_kill_9_then_the_same_bits(tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path / "killed"), str(Path(__file__).parent)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in running.stdout:
        if line.strip() == "45":
            os.kill(running.pid, signal.SIGKILL)
            break
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    resumed, whole = list(long_run(tmp_path / "killed")), list(long_run(tmp_path / "whole"))
    torch.set_num_threads(threads)
    assert resumed[0] > 42
    assert whole[0] == 1
    assert resumed[-1] == whole[-1]


def test_a_damaged_state_is_passed_over_for_the_one_before(tmp_path):
    checkpoint = Checkpoint(tmp_path, run="r", every=10)
    whole, _ = run(checkpoint)
    older, newest = sorted(tmp_path.glob("step-*"))
    for damage in (lambda data: data[: len(data) // 2], lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]):
        intact = newest.read_bytes()
        newest.write_bytes(damage(intact))
        resumed, numbers = run(checkpoint)
        assert numbers == list(range(51, 61))
        assert state_digest(resumed) == state_digest(whole)
        assert newest.read_bytes() == intact
    older.write_bytes(b"")
    newest.write_bytes(b"nothing of the kind")
    assert run(checkpoint)[1][0] == 1


def test_two_states_are_kept_and_they_are_plain_safetensors(tmp_path):
    run(Checkpoint(tmp_path, run="r", every=10))
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"step-{n:09d}.safetensors" for n in (50, 60)]
    with safe_open(tmp_path / "step-000000060.safetensors", framework="np") as file:
        about = json.loads(file.metadata()["about"])
        assert "model/0.weight" in set(file.keys())
    assert (about["step"], about["run"]) == (60, "r")


def test_another_run_is_refused(tmp_path):
    run(Checkpoint(tmp_path, run="digits", every=10))
    with pytest.raises(TrainingError, match="of another run"):
        run(Checkpoint(tmp_path, run="letters", every=10))


def test_a_full_disk_is_one_sentence_and_the_older_state_survives(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path, run="r", every=10)
    run(checkpoint, until=20)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TrainingError, match=r"no checkpoint can be written to .*No space left"):
        run(checkpoint)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_atomic_write_replaces_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "value"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"newer")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("value", b"new")]
