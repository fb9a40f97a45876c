import numpy as np
import pytest
import torch
from PIL import Image

from headstart.strategies.picture_learner import Look, PictureLearner, background, look_at, scale_of
from headstart.training.augmentation import Augmentation
from headstart.training.chance import generator


@pytest.mark.parametrize(("side", "seen"), [(5, 8), (8, 8), (28, 28), (64, 64), (200, 64)])
@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_keep_their_size_and_grey_ones_their_channel(pictures, side, seen, channels):
    assert look_at(pictures(6, side=side, channels=channels)) == Look(seen, channels)


def test_grey_in_three_channels_is_grey(pictures):
    dataset = pictures(6)
    dataset.items[:] = [np.repeat(item[:, :, None], 3, axis=2) for item in dataset.items]
    assert look_at(dataset).channels == 1


def test_files_are_looked_at_too(tmp_path, pictures):
    dataset = pictures(3, side=20, channels=3)
    for row, pixels in enumerate(dataset.items):
        Image.fromarray(pixels).save(tmp_path / f"{row}.png")
    dataset.items[:] = sorted(tmp_path.iterdir())
    assert look_at(dataset) == Look(20, 3)


def test_a_background_is_what_most_of_the_border_shows():
    dark = torch.zeros(4, 8, 8, 1, dtype=torch.uint8)
    dark[:, 2:6, 2:6] = 200
    assert background(dark) == 0
    assert background(255 - dark) == 255
    noise = torch.randint(0, 256, (4, 8, 8, 3), generator=generator(0), dtype=torch.uint8)
    assert background(noise) is None


def test_scale_puts_the_background_at_zero_and_never_divides_by_nothing():
    dark = torch.full((2, 8, 8, 1), 51, dtype=torch.uint8)
    assert scale_of(dark) == (0.2, 0.01)
    noise = torch.randint(0, 256, (4, 8, 8, 3), generator=generator(0), dtype=torch.uint8)
    mean, std = scale_of(noise)
    assert mean == pytest.approx(noise.float().mean().item() / 255, abs=1e-4)
    assert std == pytest.approx(noise.float().std(correction=0).item() / 255, abs=1e-4)


def test_what_the_network_trains_on_is_what_it_will_be_shown(pictures):
    """Without movement, the way into training and the backbone's own preparation are one."""
    learner = PictureLearner(pictures(5, side=12, channels=3))
    samples = learner.samples(np.arange(5))
    network = learner.open(torch.stack(samples), 3, width=4, seed=0)
    still = Augmentation(shift=0, turn=0, stretch=0)
    for augmentation in (None, still):
        into_network = learner.augment(network, torch.stack(samples), augmentation)
        assert torch.allclose(into_network(torch.stack(samples), generator(0)), network.collate(samples), atol=1e-4)
