import errno
import os
import tempfile

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from headstart.training.aside import Aside

TYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.bool, torch.uint8]


def same(aside, tensors):
    found = dict(aside.tensors())
    assert list(found) == list(tensors)
    return all(found[name].dtype == tensors[name].dtype and torch.equal(found[name], tensors[name]) for name in tensors)


def drawn(shapes, types, seed):
    chance = torch.Generator().manual_seed(seed)
    made = zip(shapes, types, strict=True)
    return {
        str(at): torch.randint(-9, 9, shape, generator=chance).to(kind)
        for at, (shape, kind) in enumerate(made)
    }  # fmt: skip


@given(st.lists(st.tuples(st.lists(st.integers(0, 3), max_size=3), st.sampled_from(TYPES)), max_size=4))
def test_every_shape_and_type_comes_back_and_later_changes_do_not_reach_the_copy(made):
    shapes, types = [tuple(shape) for shape, _ in made], [kind for _, kind in made]
    first, second, third = (drawn(shapes, types, seed) for seed in range(3))
    aside = Aside(first)
    assert same(aside, first)
    for tensors in (second, third):
        aside.keep(tensors)
        kept = {name: tensor.clone() for name, tensor in tensors.items()}
        for tensor in tensors.values():
            tensor.zero_()
        assert same(aside, kept)


def test_any_layout_in_memory_and_special_numbers():
    maps = torch.tensor([0.0, -0.0, float("inf"), float("nan")]).reshape(1, 2, 2, 1)
    aside = Aside({"maps": maps.contiguous(memory_format=torch.channels_last), "turned": maps[0, :, :, 0].T})
    found = dict(aside.tensors())
    assert found["maps"].view(torch.int32).equal(maps.view(torch.int32))
    assert found["turned"].contiguous().view(torch.int32).equal(maps[0, :, :, 0].T.contiguous().view(torch.int32))


class Interrupted(nn.Parameter):
    """A weight whose bytes cannot be had."""

    def detach(self):
        raise KeyboardInterrupt


def test_an_interrupted_copy_leaves_the_one_before():
    before = {"a": torch.ones(3), "b": torch.ones(3)}
    aside = Aside(before)
    with pytest.raises(KeyboardInterrupt):
        aside.keep({"a": torch.zeros(3), "b": Interrupted(torch.zeros(3))})
    assert same(aside, before)


def test_nothing_is_left_among_the_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    aside = Aside({"a": torch.ones(1000)})
    if os.name != "nt":
        assert not list(tmp_path.iterdir())
    del aside
    assert not list(tmp_path.iterdir())


def test_without_a_place_for_files_the_copy_is_in_memory_and_the_log_says_so(monkeypatch, caplog):
    def refuse(**_):
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    tensors = {"a": torch.arange(5)}
    aside = Aside(tensors)
    assert same(aside, tensors)
    assert "in memory" in caplog.text


def test_a_disk_that_fills_up_loses_nothing(caplog):
    class Full:
        def seek(self, _):
            pass

        def write(self, _):
            raise OSError(errno.ENOSPC, "no space left")

        def close(self):
            pass

    aside = Aside({"a": torch.zeros(4)})
    aside._file.close()
    aside._file = Full()
    for value in (1.0, 2.0):
        aside.keep({"a": torch.full((4,), value)})
        assert same(aside, {"a": torch.full((4,), value)})
    assert "no space left" in caplog.text
