"""Pooling agrees with loops, and padding never counts."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.backbones.pooling import pool, tensor_and_mask
from headstart.errors import BackboneError


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4), how=st.sampled_from(["mean", "max"]))
@settings(max_examples=30, deadline=None)
def test_tokens_pool_as_each_text_would_alone(lengths, how):
    texts = [torch.randn(length, 3) for length in lengths]
    longest = max(lengths)
    padded = torch.full((len(texts), longest, 3), 99.0)  # what padding holds must not matter
    mask = torch.zeros(len(texts), longest, dtype=torch.int64)
    for row, text in enumerate(texts):
        padded[row, : len(text)] = text
        mask[row, : len(text)] = 1
    expected = torch.stack([text.mean(0) if how == "mean" else text.max(0).values for text in texts])
    torch.testing.assert_close(pool(padded, how, mask=mask), expected)
    kept = pool(padded, "none", mask=mask)
    assert all(torch.equal(kept[row, : len(text)], text) for row, text in enumerate(texts))
    assert (kept[mask == 0] == 0).all()


@pytest.mark.parametrize("axis", [1, 3])
def test_maps_keep_their_channels(axis):
    maps = torch.randn(2, 5, 3, 4)
    laid = maps if axis == 1 else maps.permute(0, 2, 3, 1)
    torch.testing.assert_close(pool(laid, "mean", channel_axis=axis), maps.flatten(2).mean(2))
    assert torch.equal(pool(laid, "max", channel_axis=axis), maps.flatten(2).max(2).values)
    assert pool(laid, "none", channel_axis=axis).shape == laid.shape


def test_rows_stay_and_become_float32():
    rows = torch.randn(3, 4, dtype=torch.float16)
    assert pool(rows, "mean").dtype == torch.float32
    assert torch.equal(pool(rows, "max"), rows.float())


def test_shapes_that_are_no_layer_say_so():
    with pytest.raises(BackboneError, match=r"shape \(1, 2, 3, 4, 5\)"):
        pool(torch.zeros(1, 2, 3, 4, 5), "mean")
    with pytest.raises(BackboneError, match="gave a str"):
        tensor_and_mask("text", None)
