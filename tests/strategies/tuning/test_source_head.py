"""The source's head goes on being asked: it changes what is learned, trains along, and is not delivered."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.errors import DataError, TrainingError
from headstart.strategies.tuning.objective import objective_of
from headstart.strategies.tuning.run import batches_of
from headstart.strategies.tuning.source_head import NAME, add_source_head, check_source_head
from headstart.strategies.tuning.tuner import Tuner
from headstart.training.terms.cross_entropy import CrossEntropy


def with_classifier(network, *, seed: int = 0):
    """The network as one that kept the head of a source task with five classes."""
    twin = copy.copy(network)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        twin.classifier = torch.nn.Linear(32, 5)
    return twin


@pytest.fixture
def knowing(tuner, network):
    """Tunes a network that kept its source's head, with Co-Tuning, for two rounds."""

    def make(seed: int = 0, **changes) -> Tuner:
        recipe = replace(tuner.recipe, **{"regulariser": "co-tuning", "epochs": 2, **changes})
        backbone = with_classifier(network, seed=seed)
        return Tuner(
            tuner.dataset, backbone, recipe, rows=tuner.rows, train=tuner.train, seed=tuner.seed, store=tuner.store
        )

    return make


def test_the_objective_is_the_papers_sum(knowing, ground) -> None:
    tuner = knowing(strength=2.0)
    model, labels = tuner.start(ground.train), tuner.labels(ground.train)
    batch = batches_of(tuner.inputs, ground.train, labels, tuner.recipe, n_classes=2, seed=0)(0)
    rows = tuner.inputs(torch.from_numpy(ground.train))
    classifier = tuner.backbone.classifier
    with torch.no_grad():
        proba = torch.softmax(classifier(model.rows(rows)), dim=1).numpy()
        known = np.stack([proba[labels == code].mean(axis=0) for code in (0, 1)])
        log_proba = torch.log_softmax(classifier(model.rows(batch.inputs)), dim=1).numpy()
        expected = -(known[batch["labels"].numpy()] * log_proba).sum(axis=1).mean()
        plain = float(CrossEntropy()(replace(batch, _passes={}), model))
        given = float(objective_of(model, tuner.recipe, tuner.labels(ground.train))(replace(batch, _passes={}), model))
    assert given == pytest.approx(plain + 2.0 * expected, rel=1e-3)


def test_it_changes_what_is_learned_and_trains_along(knowing, ground) -> None:
    tuner, plain = knowing(), knowing(regulariser="none")
    model, _ = tuner.trained(ground.train, rounds=2)
    other, _ = plain.trained(ground.train, rounds=2)
    assert not torch.equal(model.head.weight, other.head.weight)
    assert not torch.equal(model.get_submodule(NAME).linear.weight, tuner.backbone.classifier.weight)
    assert model.network().state().keys() == tuner.backbone.state().keys()
    found, _ = tuner.trained(ground.train, rounds=2)  # from the store
    assert all(torch.equal(a, b) for a, b in zip(found.state_dict().values(), model.state_dict().values(), strict=True))


def test_another_source_head_is_another_run(knowing, ground) -> None:
    fit, watch = ground.split.folds[0]
    assert not np.array_equal(knowing().curve(fit, watch).logits[1], knowing(seed=1).curve(fit, watch).logits[1])


def test_where_there_is_no_source_head_or_no_row_it_says_so(tuner, network, ground) -> None:
    with pytest.raises(TrainingError, match="needs the head of the source task"):
        check_source_head(network)
    model, knowing = tuner.start(ground.train), with_classifier(network)
    embedded = np.zeros((4, 32), dtype=np.float32)
    with pytest.raises(DataError, match="class 1 has no labelled row"):
        add_source_head(model, knowing, embedded, np.zeros(4, dtype=np.int64))
