import logging

import numpy as np
import pytest
import torch
from torch import nn

from headstart.errors import StoreError
from headstart.strategies.transferability.finished import Finished, Outcome, key_of

RIGHT = np.array([1.0, 0.0, 1.0, 1.0])


@pytest.fixture
def finished(tmp_path):
    return Finished(tmp_path / "studies")


def test_what_is_added_is_found(finished):
    network, empty = nn.Linear(3, 2), nn.Linear(3, 2)
    assert finished.outcome("a") is None
    assert not finished.load("a", empty)
    finished.add("a", Outcome(RIGHT, 1.5), network)
    found = finished.outcome("a")
    assert np.array_equal(found.correct, RIGHT)
    assert (found.seconds, found.reused) == (1.5, True)
    assert finished.load("a", empty)
    assert torch.equal(empty.weight, network.weight)


def test_without_weights_there_is_an_outcome_only(finished):
    finished.add("a", Outcome(RIGHT, 0.1))
    assert finished.outcome("a") is not None
    assert not finished.load("a", nn.Linear(3, 2))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"correct": "11", "checksum": "no", "seconds": 1}'])
def test_a_damaged_outcome_is_announced_and_made_again(finished, content, caplog):
    finished.add("a", Outcome(RIGHT, 0.1))
    (finished.root / "a" / "outcome.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert finished.outcome("a") is None
    assert "trained again" in caplog.text


def test_damaged_weights_are_announced_and_made_again(finished, caplog):
    finished.add("a", Outcome(RIGHT, 0.1), nn.Linear(3, 2))
    file = finished.root / "a" / "weights.safetensors"
    whole = file.read_bytes()
    for damaged in (whole[:-4], whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        with caplog.at_level(logging.WARNING):
            assert not finished.load("a", nn.Linear(3, 2))
        assert "trained again" in caplog.text
        caplog.clear()


def test_weights_of_another_shape_are_refused(finished, caplog):
    finished.add("a", Outcome(RIGHT, 0.1), nn.Linear(3, 2))
    assert not finished.load("a", nn.Linear(4, 2))
    assert "trained again" in caplog.text


def test_no_room_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="make room"):
        Finished(tmp_path / "file").add("a", Outcome(RIGHT, 0.1))


def test_a_key_names_everything_and_no_order():
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})
