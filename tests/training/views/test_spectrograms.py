import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headstart.training.batches import Batches
from headstart.training.chance import generator
from headstart.training.views.spectrograms import Masking
from headstart.training.views.view import in_batches


@given(st.integers(1, 40), st.integers(1, 50), st.floats(0, 1), st.floats(0, 1), st.integers(0, 3), st.integers(0, 99))
def test_what_changes_is_whole_rows_and_columns_within_the_shares(rows, columns, frequency, time, masks, seed):
    sound = torch.arange(rows * columns, dtype=torch.float32).reshape(rows, columns) ** 2 + 1
    masked = Masking(frequency=frequency, time=time, masks=masks)(sound, generator(seed))
    changed = (masked != sound).numpy()
    bands, stretches = changed.all(axis=1), changed.all(axis=0)
    assert (changed <= (bands[:, None] | stretches[None, :] | (sound == sound.mean()).numpy())).all()
    assert torch.all((masked == sound) | (masked == sound.mean()))
    if masks == 0:
        assert not changed.any()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_widths_are_uniform_up_to_the_share(share):
    sound = torch.randn(40, 3, generator=generator(0))
    mask = Masking(frequency=share, time=0)
    widths = [int((mask(sound, generator(seed)) != sound).all(dim=1).sum()) for seed in range(400)]
    assert max(widths) == share * 40
    assert np.mean(widths) == pytest.approx(share * 20, rel=0.15)


def test_batches_of_spectrograms_are_masked_row_by_row():
    sounds = torch.randn(6, 10, 20, generator=generator(0))
    masked = Batches(sounds, {}, size=6, augment=in_batches(Masking(frequency=0.5)))(0).inputs
    assert masked.shape == sounds.shape
    assert len({tuple(row.flatten().tolist()) for row in masked}) == 6


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        Masking(time=1.2)
