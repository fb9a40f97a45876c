import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from headstart.data.dataset import Dataset
from headstart.data.samples import VectorRows
from headstart.errors import DataError, TrainingError
from headstart.problem import Domain, Task
from headstart.strategies import scratch as module
from headstart.strategies.linear_learner import LinearLearner
from headstart.strategies.picture_learner import PictureLearner
from headstart.strategies.recipes import SIGNS, Recipe
from headstart.strategies.scratch import Scratch
from headstart.strategies.vector_learner import VectorLearner
from headstart.training.schedule import Schedule


def accuracy(trained, dataset, rows):
    return (trained.proba(rows).argmax(axis=1) == dataset.labels[rows]).mean()


@pytest.mark.parametrize("kind", ["pictures", "vectors", "texts"])
def test_learns_what_can_be_learned_and_nothing_from_shuffled_labels(kind, request, short):
    dataset = request.getfixturevalue(kind)(240)
    fit, held_out = np.arange(120), np.arange(120, 240)
    classes = dataset.task.n_classes
    recipe = None if kind == "texts" else short(150)
    learned = Scratch(dataset, recipe=recipe).fit(fit, classes)
    assert accuracy(learned, dataset, held_out) > 0.85
    dataset.labels[fit] = np.random.default_rng(0).permutation(dataset.labels[fit])
    fooled = Scratch(dataset, recipe=recipe).fit(fit, classes)
    assert accuracy(fooled, dataset, held_out) < 1 / classes + 0.25


def test_real_digits_beat_the_nearest_neighbour_on_pixels():
    """Six labels per class: the network has to add something to comparing pixels."""
    digits = load_digits()
    pictures = [np.round(row.reshape(8, 8) * 255 / 16).astype(np.uint8) for row in digits.data]
    dataset = Dataset(
        Domain("image"),
        Task(tuple("0123456789")),
        pictures,
        digits.target.astype(np.int64),
        tuple(map(str, range(1797))),
    )
    order = np.random.default_rng(0).permutation(len(pictures))
    fit = np.concatenate([order[digits.target[order] == code][:6] for code in range(10)])
    held_out = np.setdiff1d(order, fit)
    recipe = Recipe(
        schedule=Schedule(steps=250, batch_size=32, lr=5e-3, weight_decay=0.2), width=16, augmentation=SIGNS
    )
    nearest = KNeighborsClassifier(1).fit(digits.data[fit], digits.target[fit])
    trained = Scratch(dataset, recipe=recipe).fit(fit, 10)
    assert accuracy(trained, dataset, held_out) > nearest.score(digits.data[held_out], digits.target[held_out])


@pytest.mark.parametrize("kind", ["pictures", "vectors", "texts"])
def test_probabilities_are_those_of_the_backbone_and_head_that_would_be_shipped(kind, request, short):
    dataset = request.getfixturevalue(kind)()
    trained = Scratch(dataset, recipe=short()).fit(np.arange(40), dataset.task.n_classes)
    rows = np.array([50, 3, 50])
    proba = trained.proba(rows)
    assert proba.shape == (3, dataset.task.n_classes)
    assert proba.dtype == np.float64
    assert np.allclose(proba.sum(axis=1), 1)
    assert np.array_equal(proba[0], proba[2])
    backbone, layer = trained.backbone, trained.backbone.layers[-1]
    batch = backbone.collate([backbone.prepare(dataset.items[row]) for row in rows])
    again = trained.head.predict_proba(backbone.embed(batch, [layer])[layer])
    assert np.allclose(proba, again, atol=1e-5)
    assert trained.proba(np.array([], dtype=int)).shape == (0, dataset.task.n_classes)


def test_same_seed_same_bits_whatever_was_fitted_before(pictures, short):
    dataset, rows = pictures(), np.arange(30)
    used = Scratch(dataset, seed=3, recipe=short())
    used.fit(np.arange(30, 60), 3)
    fingerprints = [
        used.fit(rows, 3).backbone.fingerprint,
        Scratch(dataset, seed=3, recipe=short()).fit(rows, 3).backbone.fingerprint,
        Scratch(dataset, seed=4, recipe=short()).fit(rows, 3).backbone.fingerprint,
    ]
    assert fingerprints[0] == fingerprints[1]
    assert fingerprints[0] != fingerprints[2]


def test_held_out_rows_and_labels_have_no_influence(pictures, short):
    dataset = pictures()
    before = Scratch(dataset, recipe=short()).fit(np.arange(30), 3).backbone.fingerprint
    dataset.labels[30:] = 0
    dataset.items[30:] = [np.full_like(item, 7) for item in dataset.items[30:]]
    assert Scratch(dataset, recipe=short()).fit(np.arange(30), 3).backbone.fingerprint == before


def test_a_class_without_rows_keeps_its_column(texts, pictures, short):
    for dataset in (texts(), pictures()):
        rows = np.flatnonzero(dataset.labels < 2)
        trained = Scratch(dataset, recipe=short()).fit(rows, 5)
        proba = trained.proba(rows[:4])
        assert proba.shape == (4, 5)
        assert np.allclose(proba.sum(axis=1), 1)


def test_bytes_count_the_numbers_that_would_be_shipped(vectors, short):
    trained = Scratch(vectors(), recipe=short()).fit(np.arange(60), 3)
    standardise = 2 * 6 + 2  # means, scales, the limit and the reach
    layers = (6 * 8 + 8) + (8 * 8 + 8) + (8 * 3 + 3)
    assert trained.bytes == 4 * (standardise + layers) + 8 * (8 * 3 + 3) + 8 * 3
    assert trained.seconds > 0
    assert len(trained.history) == 25


def test_what_learns_is_chosen_by_the_samples(pictures, vectors, texts, monkeypatch):
    assert isinstance(Scratch(pictures()).learner, PictureLearner)
    assert isinstance(Scratch(vectors()).learner, VectorLearner)
    assert isinstance(Scratch(texts()).learner, LinearLearner)
    few = vectors()
    object.__setattr__(few, "items", VectorRows(sparse.csr_matrix(few.items.matrix)))
    assert isinstance(Scratch(few).learner, VectorLearner)
    monkeypatch.setattr(module, "WIDEST", 5)
    assert isinstance(Scratch(few).learner, LinearLearner)


@pytest.mark.parametrize(
    ("rows", "n_classes", "message"),
    [([], 3, "no rows"), ([0, 3, 6], 3, "one class"), ([0, 1, 2], 2, "label code 2"), ([0, 1, 59], 3, "no label")],
)
def test_what_cannot_be_learned_from_is_said(pictures, rows, n_classes, message):
    dataset = pictures()
    dataset.labels[59] = -1
    with pytest.raises(DataError, match=message):
        Scratch(dataset).fit(np.array(rows, dtype=int), n_classes)


def test_sounds_are_not_learned_from_yet(pictures):
    dataset = pictures()
    object.__setattr__(dataset.domain, "modality", "audio")
    with pytest.raises(DataError, match="audio"):
        Scratch(dataset).fit(np.arange(9), 3)


def test_divergence_is_named(vectors):
    recipe = Recipe(schedule=Schedule(steps=50, lr=1e38, optimizer="sgd", clip=None), width=8)
    with pytest.raises(TrainingError, match="learning rate"):
        Scratch(vectors(), recipe=recipe).fit(np.arange(60), 3)
