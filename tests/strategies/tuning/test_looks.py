"""Looks and checkpoint go on together, or begin together."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from headstart.strategies.tuning.looks import FILE, Looks, RoundCheckpoint


def looked() -> Looks:
    looks = Looks()
    looks.add(0, np.zeros((2, 3), dtype=np.float32))
    looks.add(1, np.ones((2, 3), dtype=np.float32), loss=0.5)
    return looks


def test_a_round_done_again_takes_the_place_of_the_first_and_of_all_after_it() -> None:
    looks = looked()
    looks.add(2, np.full((2, 3), 2.0), loss=0.4)
    looks.add(1, np.full((2, 3), 9.0), loss=0.6)
    assert looks.curve.logits[:, 0, 0].tolist() == [0.0, 9.0] and looks.curve.losses == (0.6,)
    assert looks.curve.rounds == 1


def test_they_come_back_after_a_commit(tmp_path) -> None:
    checkpoint, model = RoundCheckpoint(tmp_path / "run", run="x"), nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters())
    checkpoint.step_done(5, model, optimizer)
    assert not (tmp_path / "run").exists()  # nothing before it is committed
    checkpoint.commit(looked())
    again = RoundCheckpoint(tmp_path / "run", run="x")
    assert np.array_equal(again.looks().curve.logits, looked().curve.logits)
    assert again.restore(model, optimizer) == 5


def test_without_its_looks_a_state_is_let_go(tmp_path) -> None:
    checkpoint, model = RoundCheckpoint(tmp_path / "run", run="x"), nn.Linear(2, 2)
    checkpoint.step_done(5, model, torch.optim.SGD(model.parameters()))
    checkpoint.commit(looked())
    (tmp_path / "run" / FILE).write_bytes(b"damaged")
    assert not checkpoint.looks().logits
    assert checkpoint.restore(model, torch.optim.SGD(model.parameters())) == 0
