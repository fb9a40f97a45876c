"""A finished run is found by what made it, and by nothing else."""

from __future__ import annotations

import numpy as np
import torch

from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.memory import FILE, Memory

CURVE = Curve(np.arange(12, dtype=np.float32).reshape(2, 2, 3), (0.25,))


def test_what_was_kept_comes_back(tmp_path) -> None:
    memory = Memory.of(tmp_path, {"seed": 0})
    assert memory.finished() is None
    memory.checkpoint.folder.mkdir(parents=True)
    memory.keep(CURVE, {"head.bias": torch.ones(3)})
    curve, state = Memory.of(tmp_path, {"seed": 0}).finished()
    assert np.array_equal(curve.logits, CURVE.logits) and curve.losses == CURVE.losses
    assert torch.equal(state["head.bias"], torch.ones(3))
    assert not memory.checkpoint.folder.exists()


def test_another_run_is_not_found(tmp_path) -> None:
    Memory.of(tmp_path, {"seed": 0}).keep(CURVE)
    assert Memory.of(tmp_path, {"seed": 1}).finished() is None


def test_a_damaged_result_is_done_again(tmp_path, caplog) -> None:
    memory = Memory.of(tmp_path, {"seed": 0})
    memory.keep(CURVE)
    (memory.folder / FILE).write_bytes(b"damaged")
    assert memory.finished() is None
    assert "done again" in caplog.text
