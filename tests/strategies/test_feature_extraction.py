"""Frozen features: the right layers, no held-out row in anything that is learned, a head that can be shipped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.features.extraction import Features
from headstart.features.store import Store
from headstart.heads.lda import LDA
from headstart.strategies import feature_extraction as module
from headstart.strategies.feature_extraction import aligned_proba, evaluate_backbone, layer_sets, narrow_enough

from .worlds import blobs, ground_of


@pytest.fixture
def texts() -> Dataset:
    rng = np.random.default_rng(0)
    words = [("fine", "great"), ("poor", "dull")]
    rows = [f"a {rng.choice(words[at % 2])} film, number{at}" for at in range(240)]
    return read((rows, ["up" if at % 2 == 0 else "down" for at in range(240)]))


def test_last_layer_and_all_layers_are_candidates() -> None:
    rng = np.random.default_rng(0)
    pictures = read((rng.integers(0, 255, (80, 8, 8), dtype=np.uint8), ["a", "b"] * 40))
    backbone = open_backbone("conv", size=8, channels=1)
    entries = evaluate_backbone(ground_of(pictures), backbone, store=Store(), heads=["lda", "prototype"])
    assert [len(entry.map.layers) for entry in entries] == [1, len(backbone.layers)]
    assert layer_sets(backbone) == [backbone.layers[-1:], backbone.layers]
    asked = evaluate_backbone(ground_of(pictures), backbone, store=Store(), heads=["lda"], layers=backbone.layers[:2])
    assert [entry.map.layers for entry in asked] == [backbone.layers[:2]]


def test_wide_concatenations_are_cut_from_the_input_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WIDEST", 100)
    widths = {"a": 60, "b": 60, "c": 30, "d": 80}
    blocks = {
        name: Features(np.zeros((2, width), np.float32), name, "fake", "0", 0, 0, 0.0, "")
        for name, width in widths.items()
    }
    assert narrow_enough([("c",), ("a", "b", "c")], blocks) == [("c",), ("b", "c")]
    assert narrow_enough([("d",), ("b", "d")], blocks) == [("d",)]


def test_the_vocabulary_is_learned_without_held_out_rows(texts: Dataset) -> None:
    ground = ground_of(texts)
    seen: list[str] = []
    tfidf = open_backbone("tfidf")
    original = tfidf.fitted

    def spy(items: object) -> object:
        seen.extend(items)  # type: ignore[arg-type]
        return original(items)

    tfidf.fitted = spy  # type: ignore[method-assign]
    entry = evaluate_backbone(ground, tfidf, store=Store(), heads=["logistic"])[0]
    assert set(seen) == {texts.items[row] for row in ground.train}
    assert entry.test_score(ground).value > 0.9


def test_refitting_on_the_training_rows_gives_the_test_probabilities() -> None:
    ground = ground_of(blobs(200, classes=3))
    entry = evaluate_backbone(ground, open_backbone("raw", modality="vector"), store=Store(), heads=["lda"])[0]
    assert np.allclose(entry.refit(ground.train, ground.test), entry.test)
    assert np.allclose(aligned_proba(entry.head, entry.map.matrix(ground.dataset)[ground.test], 3), entry.test)


def test_a_class_without_training_rows_gets_probability_zero() -> None:
    X = np.random.default_rng(0).standard_normal((30, 3))
    head = LDA().fit(X, np.repeat([0, 2], 15))
    proba = aligned_proba(head, X, 4)
    assert proba.shape == (30, 4)
    assert np.all(proba[:, [1, 3]] == 0) and np.allclose(proba.sum(axis=1), 1)


def test_noise_is_not_better_than_chance() -> None:
    data = blobs(400, apart=0.0)
    noise = replace(data, labels=np.random.default_rng(1).integers(0, 2, 400))
    ground = ground_of(noise)
    entry = evaluate_backbone(ground, open_backbone("raw", modality="vector"), store=Store())[0]
    score = entry.validation_score(ground)
    assert score.value < 0.5 + 4 * score.se
