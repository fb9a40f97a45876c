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
from headstart.training.batches import Batches, in_order
from headstart.training.chance import chance
from headstart.training.checkpoint import Checkpoint, write_atomically
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.mixing import Mixing
from headstart.training.precision import runs
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.unfreezing import Unfreezing
from headstart.training.validation import Validation


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


STEPS = 120


def everything(precision, hopeless):
    """All that a run may remember: an average, patience, parts of batches, mixed rows, layers that join, a scale.

    Hopeless: the validation labels are wrong, so that patience ends early.
    """
    inputs = torch.randn(40, 6, generator=torch.Generator().manual_seed(2))
    watched = in_order(inputs, {"labels": inputs[:, :3].argmax(dim=1).roll(int(hopeless))}, size=16)
    return {
        "average": 0.9, "validation": Validation(batches=watched, every=6, patience=4), "accumulate": 2,
        "unfreezing": Unfreezing({"0": 0.1}), "rates": {"0": 0.5}, "precision": precision,
    }  # fmt: skip


def long_run(folder, *, everything_on=True, precision="float32", hopeless=False):
    """Numbers of the steps as they are done; at the end the digest of the network."""
    inputs = torch.randn(50, 6, generator=torch.Generator().manual_seed(1))
    mix = Mixing(n_classes=3, mixup=0.3) if everything_on else None
    labels = {"labels": inputs[:, :3].argmax(dim=1)}
    steps = train(
        network := make_network(), Batches(inputs, labels, size=16, mix=mix),
        objective=CrossEntropy(smoothing=0.1), schedule=Schedule(steps=STEPS, lr=0.02),
        checkpoint=Checkpoint(folder, run="r", every=7), **(everything(precision, hopeless) if everything_on else {}),
    )  # fmt: skip
    for step in steps:
        yield step.number
    yield state_digest(network)


CHILD = """
    import sys
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    sys.path.insert(0, sys.argv[2])
    from test_checkpoint import long_run
    for number in long_run(Path(sys.argv[1]), everything_on=sys.argv[3] == "True"):
        print(number, flush=True)
"""


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(("everything_on", "deaths"), [(False, [45]), (True, [31, 62])])
def test_kill_9_then_the_same_bits(tmp_path, one_thread, everything_on, deaths):
    """Killed from outside, at whatever moment of a step; then again, in the run that went on."""
    code, here = textwrap.dedent(CHILD), str(Path(__file__).parent)
    command = [sys.executable, "-c", code, str(tmp_path / "killed"), here, str(everything_on)]
    for death in deaths:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in running.stdout:
            if int(line) >= death:
                os.kill(running.pid, signal.SIGKILL)
                break
        running.communicate()
        assert running.returncode == -signal.SIGKILL
    resumed = list(long_run(tmp_path / "killed", everything_on=everything_on))
    whole = list(long_run(tmp_path / "whole", everything_on=everything_on))
    assert resumed[0] > deaths[-1] - 7
    assert whole[0] == 1
    assert resumed[-1] == whole[-1]


class Dead(BaseException):
    """What stands for SIGKILL where a process of its own for every moment would take minutes."""


@pytest.mark.parametrize("moment", [1, 2, 4, 7])
def test_killed_at_any_moment_of_any_step(tmp_path, one_thread, monkeypatch, moment):
    """Death in the middle of a write, before the rename, after it, and at every step between two states."""
    calls, fsync = iter(range(1000)), os.fsync

    def die(handle):
        if next(calls) == moment:
            raise Dead
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        running = long_run(tmp_path / "killed")
        with pytest.raises(Dead):
            list(running)
    stopped = long_run(tmp_path / "killed")
    for _ in range(moment):
        next(stopped)
    del stopped
    assert list(long_run(tmp_path / "killed"))[-1] == list(long_run(tmp_path / "whole"))[-1]


def test_patience_that_is_over_stays_over(tmp_path):
    """A run that had stopped early and was started again stops at once, with the same weights."""
    first, second = (list(long_run(tmp_path, hopeless=True)) for _ in range(2))
    assert len(first) < STEPS
    assert len(second) <= 7
    assert first[-1] == second[-1]


def test_the_scale_of_float16_goes_on(tmp_path, one_thread):
    if not runs("cpu", torch.float16):
        pytest.skip("this CPU does not run float16")
    whole = list(long_run(tmp_path / "whole", precision="fp16"))[-1]
    stopped = long_run(tmp_path / "killed", precision="fp16")
    for _ in range(25):
        next(stopped)
    stopped.close()
    assert list(long_run(tmp_path / "killed", precision="fp16"))[-1] == whole


def test_other_options_are_another_run(tmp_path):
    run(Checkpoint(tmp_path, run="r", every=10))
    steps = train(
        make_network(), make_batches(), objective=CrossEntropy(), schedule=Schedule(steps=60, lr=0.01),
        checkpoint=Checkpoint(tmp_path, run="r", every=10), average=0.9,
    )  # fmt: skip
    with pytest.raises(
        TrainingError, match=r"a run with other options: it keeps best, precision, trend .* not average"
    ):
        next(steps)


def test_more_states_are_kept_where_asked_for(tmp_path):
    run(checkpoint := Checkpoint(tmp_path, run="r", every=10, keep=4))
    assert len(list(tmp_path.iterdir())) == 4
    newest, before = checkpoint.weights(last=2)
    assert not torch.equal(newest["0.weight"], before["0.weight"])
    assert len(checkpoint.weights(last=9)) == 4
    with pytest.raises(ValueError, match="keep"):
        Checkpoint(tmp_path, run="r", keep=0)


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
