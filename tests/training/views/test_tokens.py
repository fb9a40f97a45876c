import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.chance import generator
from headstart.training.views.tokens import TokenDropout


@given(st.integers(0, 60), st.floats(0, 0.99), st.integers(0, 2), st.integers(0, 2), st.integers(0, 99))
def test_what_stays_stays_in_order_and_the_ends_always_do(length, share, first, last, seed):
    tokens = torch.arange(length)
    kept = TokenDropout(share=share, first=first, last=last)(tokens, generator(seed))
    assert (kept.diff() > 0).all()
    ends = [*range(min(first, length)), *range(max(length - last, 0), length)]
    assert set(ends) <= set(kept.tolist())
    if length > first + last:
        assert len(kept) > first + last  # at least one word


def test_the_share_is_the_share():
    kept = TokenDropout(share=0.3)(torch.arange(10_002), generator(0))
    assert 1 - (len(kept) - 2) / 10_000 == pytest.approx(0.3, abs=0.02)


def test_nothing_is_dropped_at_share_0():
    assert torch.equal(TokenDropout(share=0)(torch.arange(9), generator(0)), torch.arange(9))


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="share lies in"):
        TokenDropout(share=1.0)
    with pytest.raises(ValueError, match="first and last from 0 up"):
        TokenDropout(first=-1)
