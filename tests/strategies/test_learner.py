import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.errors import DataError
from headstart.strategies.learner import Learned, Prepared, columns_of, embedded, linear_head, proba_of


def test_each_sample_is_read_once_and_only_when_asked_for(pictures):
    dataset, read = pictures(10), []

    class Items(list):
        def __getitem__(self, row):
            read.append(row)
            return super().__getitem__(row)

    object.__setattr__(dataset, "items", Items(dataset.items))
    prepared = Prepared(dataset, open_backbone("conv?size=8&channels=1"))
    first = prepared(np.array([3, 1, 3]))
    prepared(np.array([1, 2]))
    assert sorted(read) == [1, 2, 3]
    assert first[0] is first[2]
    assert np.array_equal(first[1][:, :, 0], dataset.items[1])


def test_an_unreadable_sample_is_named(pictures):
    dataset = pictures(4)
    dataset.items[2] = b"no picture"
    with pytest.raises(DataError, match=r"row 2 cannot be read: .*preflight"):
        Prepared(dataset, open_backbone("conv?size=8"))(np.arange(4))


def test_chunks_give_what_one_pass_gives(pictures, monkeypatch):
    backbone = open_backbone("conv?size=8&channels=1")
    samples = Prepared(pictures(23), backbone)(np.arange(23))
    whole = embedded(backbone, samples)
    monkeypatch.setattr("headstart.strategies.learner.CHUNK", 5)
    assert np.allclose(embedded(backbone, samples), whole, atol=1e-6)


def test_a_linear_head_is_a_softmax_layer():
    rng = np.random.default_rng(0)
    W, b, X = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(7, 4))
    scores = np.exp((X @ W + b) / 2.0)
    assert np.allclose(linear_head(W, b, 2.0).predict_proba(X), scores / scores.sum(axis=1, keepdims=True))


def test_no_samples_give_no_rows(vectors):
    backbone = open_backbone("raw", modality="vector")
    learned = Learned(backbone, linear_head(np.ones((6, 3)), np.zeros(3)))
    assert proba_of(learned, [], 3).shape == (0, 3)


def test_width_of_vectors(vectors):
    assert columns_of(vectors(d=6)) == 6
