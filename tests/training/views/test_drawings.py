import torch

from headstart.training.augmentation import Augmentation
from headstart.training.chance import generator
from headstart.training.views.drawings import Drawings


def test_it_is_the_augmentation_of_the_whole_batch_for_one():
    drawing = torch.randint(0, 256, (12, 10, 1), dtype=torch.uint8, generator=generator(0))
    movement = Augmentation(shift=0.2, turn=20, background=0.0)
    expected = movement(drawing.permute(2, 0, 1)[None].float(), generator(5))[0, 0]
    moved = Drawings(movement=movement)(drawing, generator(5))
    assert moved.shape == drawing.shape
    assert (moved[:, :, 0].float() - expected).abs().max() <= 0.51  # rounded to whole grey levels


def test_without_movement_it_stays():
    still = Drawings(movement=Augmentation(shift=0, turn=0, stretch=0))
    drawing = torch.randint(0, 256, (12, 10, 3), dtype=torch.uint8, generator=generator(0))
    assert torch.equal(still(drawing, generator(1)), drawing)
