import numpy as np
import torch
from torch import nn

from headstart.strategies.network_learner import head_of
from headstart.strategies.picture_learner import PictureLearner


def test_the_head_is_the_networks_last_layer():
    module = nn.Sequential()
    module.add_module("body", nn.Linear(5, 4))
    module.add_module("classifier", nn.Linear(4, 3))
    x = torch.randn(6, 5)
    with torch.no_grad():
        hidden, expected = module.body(x), module(x).softmax(1)
    assert np.allclose(head_of(module).predict_proba(hidden.numpy()), expected.numpy(), atol=1e-6)


def test_training_leaves_the_opened_network_alone_and_names_the_trained_one(pictures, short):
    dataset = pictures()
    learned = PictureLearner(dataset).learn(np.arange(60), 3, recipe=short(), seed=0, checkpoint=None)
    assert learned.backbone.fingerprint != PictureLearner(dataset).architecture
    assert not learned.backbone.describe()["reopens"]
    assert "classifier" not in learned.backbone.layers
    assert [entry["step"] for entry in learned.history] == list(range(1, 26))
