import numpy as np
import pytest
from tests.strategies.worlds import blobs

from headstart.backbones.conv import open_conv
from headstart.data.reading import read
from headstart.errors import DataError
from headstart.strategies.transferability.architecture import own_network, own_recipe
from headstart.strategies.transferability.tasks import study_task
from headstart.training.views.drawings import Drawings


def pictures(side, colours, n=40):
    shape = (n, side, side, 3) if colours else (n, side, side)
    pixels = np.random.default_rng(side).integers(0, 255, shape, dtype=np.uint8)
    return study_task(read((pixels, [f"class {row % 2}" for row in range(n)])), seed=0)


def test_one_network_fits_the_pictures_of_both_tasks():
    network, augment = own_network([pictures(8, False), pictures(20, True)], width=4)
    assert network.architecture[1]["size"] == 20
    assert network.architecture[1]["channels"] == 3
    assert isinstance(augment, Drawings)
    for task in (pictures(8, False), pictures(20, True)):
        assert network.prepare(task.dataset.items[0]).shape == (20, 20, 3)
    assert type(network) is type(open_conv())


def test_vectors_get_more_layers_than_two():
    network, augment = own_network([study_task(blobs(100), seed=0)], width=8)
    assert len(network.layers) == 4
    assert augment is None


def test_what_cannot_be_read_by_one_network_is_refused():
    tasks = [study_task(blobs(100, width=width), seed=0) for width in (4, 5)]
    with pytest.raises(DataError, match="4 numbers and B of 5"):
        own_network(tasks, width=8)
    texts = read({"text": [f"text {n}" for n in range(60)], "label": ["x", "y"] * 30}, text="text", label="label")
    with pytest.raises(DataError, match="--probes"):
        own_network([study_task(texts, seed=0)], width=8)


def test_the_recipe_is_the_one_of_learning_from_scratch():
    assert own_recipe(pictures(8, False).dataset, 100).schedule.steps == 500
    assert own_recipe(blobs(100), 100).width == 256
