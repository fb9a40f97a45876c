"""Local weights: safetensors only, and every tensor in its place."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from headstart.backbones.checkpoint import load_exactly, read_checkpoint, read_tensors
from headstart.errors import BackboneError


def test_halves_become_float32_and_notes_come_along(tmp_path):
    file = tmp_path / "weights.safetensors"
    save_file({"w": torch.tensor([0.5], dtype=torch.float16), "n": torch.tensor(3)}, file, metadata={"license": "mit"})
    tensors, notes = read_checkpoint(file)
    assert tensors["w"].dtype == torch.float32 and tensors["n"].dtype == torch.int64 and notes == {"license": "mit"}
    assert read_tensors(file)["w"].dtype == torch.float16


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".pkl", ".ckpt", ".PTH"])
def test_pickles_are_never_opened(tmp_path, suffix):
    file = tmp_path / f"weights{suffix}"
    file.write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    with pytest.raises(BackboneError, match=r"may hold a pickle.*safetensors\.torch\.save_file"):
        read_checkpoint(file)


def test_missing_damaged_and_disguised_files_say_so(tmp_path):
    with pytest.raises(BackboneError, match="no such file"):
        read_checkpoint(tmp_path / "none.safetensors")
    with pytest.raises(BackboneError, match="it is a folder"):
        read_checkpoint(tmp_path)
    whole = tmp_path / "whole.safetensors"
    save_file({"w": torch.zeros(100)}, whole)
    for name, content in (("cut", whole.read_bytes()[:-7]), ("disguised", b"\x80\x04}q\x00."), ("empty", b"")):
        file = tmp_path / f"{name}.safetensors"
        file.write_bytes(content)
        with pytest.raises(BackboneError, match=r"not a whole \.safetensors file"):
            read_checkpoint(file)


def test_another_architecture_is_named_tensor_by_tensor():
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    del state["0.bias"], state["1.num_batches_tracked"]
    state |= {"2.weight": torch.zeros(1), "0.weight": torch.zeros(3, 4)}
    with pytest.raises(BackboneError) as caught:
        load_exactly(module, state, what="net", origin="file")
    message = str(caught.value)
    assert "1 missing (0.bias)" in message and "1 unexpected (2.weight)" in message
    assert "1 of another shape (0.weight (3, 4) instead of (3, 2))" in message
    assert "num_batches_tracked" not in message


def test_a_missing_counter_is_no_fault():
    one, two = (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)) for _ in range(2))
    state = {name: tensor for name, tensor in one.state_dict().items() if "num_batches" not in name}
    load_exactly(two, state, what="net", origin="file")
    assert torch.equal(two[0].weight, one[0].weight)
