"""A shard is complete or absent, and no flipped bit of it goes unnoticed."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

from headstart.errors import StoreError
from headstart.features.shard import open_shard, shard_bytes, write_durably, write_shard

EXTRACTOR = "e" * 64


@pytest.fixture
def content(keyed):
    digests, X = keyed(range(6), width=3)
    return np.frombuffer(b"".join(digests), np.uint8).reshape(6, 32), X.astype(np.float16)


def test_a_shard_is_a_safetensors_file_that_others_read(tmp_path, content):
    keys, values = content
    path = write_shard(tmp_path, EXTRACTOR, keys, values)
    tensors = load_file(path)
    np.testing.assert_array_equal(tensors["x"], values)
    np.testing.assert_array_equal(tensors["k"], keys)
    shard = open_shard(path, extractor=EXTRACTOR)
    np.testing.assert_array_equal(shard.values, values)
    assert shard.digests(np.array([2, 0])) == [keys[2].tobytes(), keys[0].tobytes()]
    assert shard.sound(np.arange(6)).all() and list(tmp_path.iterdir()) == [path]


def test_no_flipped_bit_goes_unnoticed(tmp_path, content):
    keys, values = content
    whole = shard_bytes(EXTRACTOR, keys, values)
    data = 8 + int.from_bytes(whole[:8], "little")
    path = tmp_path / "flipped.safetensors"
    for bit in [*range(0, 8 * data, 5), *range(8 * data, 8 * len(whole), 97)]:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            shard = open_shard(path, extractor=EXTRACTOR)
        except StoreError:
            continue
        sound = shard.sound(np.arange(len(shard)))
        for row in np.flatnonzero(sound):  # a row that passes is a row that was written, under its own key
            at = np.flatnonzero((keys == shard.keys[row]).all(axis=1))
            np.testing.assert_array_equal(shard.values[row], values[at[0]])
        assert sound.sum() == 5 or bit // 8 < data


@pytest.mark.parametrize("length", [0, 1, 7, 8, 100, 300, -1, -50])
def test_a_truncated_file_is_refused(tmp_path, content, length):
    path = tmp_path / "short.safetensors"
    path.write_bytes(shard_bytes(EXTRACTOR, *content)[:length])
    with pytest.raises(StoreError, match=r"short\.safetensors is damaged"):
        open_shard(path, extractor=EXTRACTOR)


def test_another_extractors_shard_is_refused(tmp_path, content):
    path = write_shard(tmp_path, EXTRACTOR, *content)
    with pytest.raises(StoreError, match="belongs to another extractor"):
        open_shard(path, extractor="f" * 64)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_durably(tmp_path / "file", b"content")
    assert not list(tmp_path.iterdir())
