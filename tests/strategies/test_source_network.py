import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.samples import digest
from headstart.errors import DataError, StoreError
from headstart.problem import Task
from headstart.strategies import source_network as module
from headstart.strategies.scratch import Scratch
from headstart.strategies.source_network import source_network
from headstart.training.checkpoint import Checkpoint


def test_trained_once_then_never_again(pictures, short, tmp_path, monkeypatch):
    source = pictures()
    first = source_network(source, root=tmp_path, recipe=short())
    monkeypatch.setattr(Scratch, "fit", lambda *_, **__: pytest.fail("trained twice"))
    second = source_network(source, root=tmp_path, recipe=short())
    assert (first.reused, second.reused) == (False, True)
    assert first.backbone.fingerprint == second.backbone.fingerprint
    assert np.array_equal(first.proba(source), second.proba(source))
    assert second.seconds == first.seconds


@pytest.mark.parametrize("kind", ["pictures", "vectors", "texts"])
def test_knows_the_source_and_says_so(kind, request, short, tmp_path):
    source = request.getfixturevalue(kind)(120)
    network = source_network(source, root=tmp_path, recipe=None if kind == "texts" else short(150))
    assert network.task == source.task
    assert (network.proba(source).argmax(axis=1) == source.labels).mean() > 0.85
    assert network.backbone.name.endswith("trained on small")
    assert network.backbone.learned_from is None


def test_stored_by_content_not_by_order_name_or_unlabelled_rows(pictures, short, tmp_path, monkeypatch):
    source = pictures()
    network = source_network(source, root=tmp_path, recipe=short())
    order = np.random.default_rng(0).permutation(len(source))
    shuffled = source.take(order)
    extra = pictures(63).take(np.r_[np.arange(60), 61])
    extra.labels[60] = -1
    monkeypatch.setattr(Scratch, "fit", lambda *_, **__: pytest.fail("trained twice"))
    for same in (shuffled, extra, replace(source, digests=tuple(digest(item) for item in source.items))):
        assert source_network(same, root=tmp_path, recipe=short()).backbone.fingerprint == network.backbone.fingerprint


def test_the_order_of_rows_changes_no_bit(pictures, short, tmp_path):
    source = pictures()
    fingerprints = {
        source_network(rows, root=tmp_path / str(number), recipe=short()).backbone.fingerprint
        for number, rows in enumerate((source, source.take(np.arange(60)[::-1])))
    }
    assert len(fingerprints) == 1


def test_anything_that_decides_the_result_decides_the_name(pictures, short, tmp_path):
    source = pictures()
    relabelled, renamed, repainted = pictures(), replace(source, task=Task(("x", "y", "z"))), pictures()
    relabelled.labels[0] = 1
    repainted.items[0] = repainted.items[0] ^ 1
    for changed in (source, relabelled, renamed, repainted):
        assert not source_network(changed, root=tmp_path, recipe=short()).reused
    assert not source_network(source, root=tmp_path, recipe=short(), seed=1).reused
    assert not source_network(source, root=tmp_path, recipe=short(26)).reused
    assert len(list(tmp_path.iterdir())) == 6


def test_the_stored_backbone_opens_without_training_code(pictures, short, tmp_path):
    network = source_network(pictures(), root=tmp_path, recipe=short())
    described = network.backbone.describe()
    assert not described["reopens"]
    empty = open_backbone(described["architecture"], **described["architecture_options"])
    assert empty.with_state(network.backbone.state()).fingerprint == network.backbone.fingerprint


def test_a_head_for_some_of_its_classes_in_another_order(pictures, short, tmp_path):
    source = pictures()
    network = source_network(source, root=tmp_path, recipe=short())
    whole = network.proba(source)
    layer = network.backbone.layers[-1]
    batch = network.backbone.collate([network.backbone.prepare(item) for item in source.items])
    features = network.backbone.embed(batch, [layer])[layer].numpy()
    some = network.head_for(Task(("dot", "standing"))).predict_proba(features)
    expected = whole[:, [2, 0]] / whole[:, [2, 0]].sum(axis=1, keepdims=True)
    assert np.allclose(some, expected, atol=1e-6)
    with pytest.raises(DataError, match="does not know circle"):
        network.head_for(Task(("dot", "circle")))


@pytest.mark.parametrize("damage", ["weights.safetensors", "network.json"])
def test_a_damaged_one_is_announced_and_trained_again(pictures, short, tmp_path, damage, caplog):
    first = source_network(pictures(), root=tmp_path, recipe=short())
    file = next(tmp_path.glob(f"*/{damage}"))
    data = bytearray(file.read_bytes())
    data[-9] ^= 1
    file.write_bytes(data if damage.startswith("weights") else data[:100])
    again = source_network(pictures(), root=tmp_path, recipe=short())
    assert not again.reused
    assert "damaged" in caplog.text
    assert again.backbone.fingerprint == first.backbone.fingerprint


def test_other_samples_than_it_reads_are_refused(pictures, texts, short, tmp_path):
    network = source_network(pictures(), root=tmp_path, recipe=short())
    with pytest.raises(DataError, match="reads image samples; these are text"):
        network.proba(texts())


def test_a_source_without_labels_is_refused(pictures, short, tmp_path):
    source = pictures()
    source.labels[:] = -1
    with pytest.raises(DataError, match="no rows to learn from"):
        source_network(source, root=tmp_path, recipe=short())


def test_a_root_that_cannot_be_written_is_one_sentence(pictures, short, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be stored .*make room"):
        source_network(pictures(), root=tmp_path / "file", recipe=short())


CHILD = """
    import sys
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    sys.path.insert(0, sys.argv[2])
    from conftest import make_pictures
    from headstart.strategies import source_network as module
    from headstart.strategies.recipes import Recipe
    from headstart.training.checkpoint import Checkpoint
    from headstart.training.schedule import Schedule

    module.CHECKPOINT_EVERY = 10
    done = Checkpoint.step_done
    def announce(self, step, *rest):
        done(self, step, *rest)
        print(step, flush=True)
    Checkpoint.step_done = announce
    recipe = Recipe(schedule=Schedule(steps=120, batch_size=16, lr=5e-3), width=8)
    module.source_network(make_pictures(), root=Path(sys.argv[1]), recipe=recipe)
"""


def killed(root):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(root), here]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in running.stdout:
        if int(line) == 47:
            os.kill(running.pid, signal.SIGKILL)
            break
    running.communicate()
    assert running.returncode == -signal.SIGKILL


def interrupted(root, pictures, recipe, monkeypatch):
    done = Checkpoint.step_done

    def interrupt(self, step, *rest):
        done(self, step, *rest)
        if step == 47:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "step_done", interrupt)
        with pytest.raises(KeyboardInterrupt):
            source_network(pictures(), root=root, recipe=recipe)


@pytest.mark.parametrize("how", ["kill -9", "Ctrl-C"])
def test_stopped_in_the_middle_it_goes_on_and_ends_with_the_same_bits(
    tmp_path, how, pictures, short, monkeypatch, one_thread
):
    monkeypatch.setattr(module, "CHECKPOINT_EVERY", 10)
    stopped, steps = tmp_path / "stopped", []
    if how == "kill -9":
        killed(stopped)
    else:
        interrupted(stopped, pictures, short(120), monkeypatch)
    assert not list(stopped.glob("*/network.json"))
    done = Checkpoint.step_done
    monkeypatch.setattr(
        Checkpoint, "step_done", lambda self, step, *rest: (steps.append(step), done(self, step, *rest))
    )
    resumed = source_network(pictures(), root=stopped, recipe=short(120))
    assert steps[0] > 40
    whole = source_network(pictures(), root=tmp_path / "whole", recipe=short(120))
    assert resumed.backbone.fingerprint == whole.backbone.fingerprint
    assert not list(stopped.glob("*/run"))


def test_stored_values_are_plain_files(pictures, short, tmp_path):
    source_network(pictures(), root=tmp_path, recipe=short())
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["network.json", "weights.safetensors"]
