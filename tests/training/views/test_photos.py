import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.training.chance import generator
from headstart.training.views.photos import Photos

STILL = Photos(smallest=1, aspect=1, mirror=0, light=0)


def photo(height=24, width=32, channels=3):
    return torch.randint(0, 256, (height, width, channels), dtype=torch.uint8, generator=generator(1))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.integers(0, 99))
def test_shape_and_type_stay(height, width, channels, seed):
    view = Photos()(photo(height, width, channels), generator(seed))
    assert view.shape == (height, width, channels)
    assert view.dtype == torch.uint8


def test_without_any_change_the_photo_stays():
    assert torch.equal(STILL(photo(), generator(3)), photo())


def test_always_mirrored():
    mirrored = Photos(smallest=1, aspect=1, mirror=1, light=0)(photo(), generator(3))
    assert torch.equal(mirrored, photo().flip(1))


@pytest.mark.parametrize("seed", range(4))
def test_the_part_resized_agrees_with_pillow(seed):
    smooth = np.asarray(Image.fromarray(photo(8, 8).numpy()).resize((48, 40), Image.Resampling.BICUBIC))
    augment = Photos(smallest=0.3, mirror=0, light=0)
    ours = augment(torch.from_numpy(smooth.copy()), generator(seed)).numpy()
    chance = torch.rand(8, generator=generator(seed), dtype=torch.float64).tolist()
    top, left, rows, columns = augment.part(40, 48, chance[:4])
    box = (left, top, left + columns, top + rows)
    theirs = np.asarray(Image.fromarray(smooth).crop(box).resize((48, 40), Image.Resampling.BILINEAR))
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1  # both round to whole grey levels


@given(st.integers(1, 300), st.integers(1, 300), st.lists(st.floats(0, 0.999999), min_size=4, max_size=4))
def test_the_part_lies_inside_the_photo(height, width, chance):
    top, left, rows, columns = Photos(smallest=0.1, aspect=3).part(height, width, chance)
    assert 0 <= top <= top + rows <= height
    assert 0 <= left <= left + columns <= width
    assert min(rows, columns) >= 1


def test_light_stays_within_its_bounds():
    grey = torch.full((6, 6, 1), 100, dtype=torch.uint8)
    levels = [Photos(light=0.2)(grey, generator(seed)).unique().tolist() for seed in range(30)]
    assert all(len(level) == 1 for level in levels)
    assert min(levels)[0] >= 79
    assert max(levels)[0] <= 121
    assert len({level[0] for level in levels}) > 5


def test_impossible_settings_are_refused():
    for wrong in ({"smallest": 0}, {"smallest": 1.5}, {"aspect": 0.5}, {"mirror": 2}, {"light": 1.0}):
        with pytest.raises(ValueError, match="smallest lies in"):
            Photos(**wrong)
