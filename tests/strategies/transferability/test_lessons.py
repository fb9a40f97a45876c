import numpy as np
import torch

from headstart.backbones.conv import open_conv
from headstart.data.reading import read
from headstart.data.samples import digest
from headstart.strategies.learner import Prepared
from headstart.strategies.transferability.lessons import content_of, in_chunks, lessons
from headstart.training.views.drawings import Drawings
from headstart.training.views.view import view_of


def pictures(n=6):
    pixels = np.random.default_rng(0).integers(0, 255, (n, 8, 8), dtype=np.uint8)
    return read((pixels, [f"class {row % 2}" for row in range(n)]))


def test_every_view_of_every_row_with_its_label():
    data, rows = pictures(), np.array([4, 1, 2])
    prepared = Prepared(data, open_conv(size=8, channels=1))
    lesson = lessons(data, rows, prepared, augment=Drawings(), views=3)
    assert lesson.inputs.shape == (9, 8, 8, 1)
    assert lesson.labels.tolist() == data.labels[rows].tolist() * 3
    assert torch.equal(lesson.inputs[:3], torch.stack(prepared(rows)))
    expected = view_of(prepared(rows)[1], Drawings(), digest=digest(data.items[1]), view=2)
    assert torch.equal(lesson.inputs[7], expected)


def test_one_view_is_the_samples_themselves():
    data, rows = pictures(), np.arange(6)
    lesson = lessons(data, rows, Prepared(data, open_conv(size=8, channels=1)), augment=Drawings(), views=1)
    assert len(lesson.inputs) == 6


def test_content_and_order_and_labels_are_named():
    data = pictures()
    swapped = data.relabelled(type(data.task)(data.task.classes[::-1]))
    digests = [
        content_of(data, np.array([0, 1])),
        content_of(data, np.array([1, 0])),
        content_of(swapped, np.array([0, 1])),
    ]
    assert len(set(digests)) == 3
    assert content_of(data, np.array([0, 1])) == digests[0]


def test_chunks_change_nothing():
    rows = torch.arange(10.0)[:, None]
    assert torch.equal(in_chunks(rows, lambda chunk: chunk * 2, size=3), rows * 2)
