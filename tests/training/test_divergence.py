import math

import pytest
import torch
from safetensors.torch import load_file

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.checkpoint import Checkpoint
from headstart.training.divergence import save_batch
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy
from headstart.training.terms.term import Term


def test_the_batch_that_broke_the_run_lies_beside_its_checkpoints(network, batches, tmp_path):
    batches.inputs[17, 2] = math.nan
    checkpoint = Checkpoint(tmp_path / "run", run="r")
    with pytest.raises(TrainingError, match=r"that step's batch is in .*batch-of-step-\d+\.safetensors"):
        list(train(network, batches, objective=CrossEntropy(), schedule=Schedule(), checkpoint=checkpoint))
    (path,) = (tmp_path / "run").glob("batch-*")
    saved = load_file(path)
    place = saved["rows"].tolist().index(17)
    assert saved["inputs"][place, 2].isnan()
    assert torch.equal(saved["columns/labels"], batches.columns["labels"][saved["rows"]])


def test_batches_of_several_inputs(tmp_path):
    path = save_batch(Batch({"ids": torch.ones(2, 3), "mask": torch.zeros(2, 3)}, {}), tmp_path, step=4)
    assert set(load_file(path)) == {"inputs/ids", "inputs/mask"}


def test_no_room_for_the_batch_does_not_hide_the_failure(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert save_batch(Batch(torch.ones(2, 3)), tmp_path / "file", step=4) is None


class Grows(Term):
    """Cross-entropy, then a loss that grows without ever being infinite."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, batch, model):
        self.calls += 1
        return CrossEntropy()(batch, model) * (1.0 if self.calls < 60 else 10.0 * (self.calls - 59))


def test_a_loss_that_runs_away_is_noticed_and_the_best_weights_are_kept(network, batches):
    with pytest.raises(TrainingError, match=r"has run away \(now .*\) at step \d+ .*weights of step \d+"):
        list(train(network, batches, objective=Grows(), schedule=Schedule(steps=300, lr=0.003)))
    labels = batches.columns["labels"]
    assert (network(batches.inputs).argmax(1) == labels).double().mean() > 0.5
