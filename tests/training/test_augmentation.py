import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from headstart.training.augmentation import Augmentation
from headstart.training.chance import generator

STILL = {"shift": 0.0, "turn": 0.0, "stretch": 0.0, "slant": 0.0}


def pictures(n=4, channels=3, side=12):
    return torch.rand(n, channels, side, side, generator=generator(0))


@pytest.mark.parametrize("background", [None, 0.0, -1.5])
def test_without_movement_pictures_stay_as_they_are(background):
    still = Augmentation(**STILL, background=background)(pictures(), generator(1))
    assert torch.allclose(still, pictures(), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.sampled_from([None, 0.0, 2.0]))
def test_shape_determinism_and_range(seed, flip, background):
    augment = Augmentation(shift=0.2, turn=30, stretch=0.2, slant=0.2, flip=flip, background=background)
    first, again = (augment(pictures(), generator(seed)) for _ in range(2))
    assert first.shape == pictures().shape
    assert torch.equal(first, again)
    assert first.min() >= -1e-5  # bilinear: never beyond what is in the picture, or the background
    assert first.max() <= max(1, background or 0) + 1e-5


@pytest.mark.parametrize("side", [8, 15])
def test_agrees_with_scipy_on_the_same_map(side):
    augment = Augmentation(shift=0.15, turn=20, stretch=0.2, slant=0.2, background=0.0)
    moved = augment(pictures(2, 1, side), generator(3)).numpy()
    maps = augment.maps(2, generator(3)).double().numpy()
    for picture, (linear, shift), result in zip(
        pictures(2, 1, side).double().numpy(), ((m[:, :2], m[:, 2]) for m in maps), moved, strict=True
    ):
        # Ours speaks of (x, y) in [-1, 1] over pixel edges, scipy of (row, column) from the first pixel's centre.
        swapped = linear[::-1, ::-1]
        centre = np.full(2, (side - 1) / 2)
        offset = centre + shift[::-1] * side / 2 - swapped @ centre
        expected = ndimage.affine_transform(
            np.pad(picture[0], side), swapped, offset + side - swapped @ np.full(2, side), order=1
        )[side:-side, side:-side]
        assert np.allclose(result[0], expected, atol=1e-4)


def test_a_flip_is_a_flip():
    flipped = Augmentation(**STILL, flip=True)(pictures(16), generator(0))
    same = [torch.allclose(new, old, atol=1e-5) for new, old in zip(flipped, pictures(16), strict=True)]
    mirrored = [torch.allclose(new, old.flip(-1), atol=1e-5) for new, old in zip(flipped, pictures(16), strict=True)]
    assert [s != m for s, m in zip(same, mirrored, strict=True)] == [True] * 16
    assert any(same)
    assert any(mirrored)


def test_what_moves_in_from_outside_is_the_background():
    white = Augmentation(shift=0.5, turn=0, stretch=0, background=1.0)(torch.zeros(8, 1, 8, 8), generator(0))
    edge = Augmentation(shift=0.5, turn=0, stretch=0)(torch.zeros(8, 1, 8, 8), generator(0))
    assert white.max() == pytest.approx(1.0)
    assert torch.equal(edge, torch.zeros(8, 1, 8, 8))
