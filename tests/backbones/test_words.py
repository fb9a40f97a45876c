"""Means of word vectors agree with loops over words; SIF with its algorithm 1 written out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError, DataError

TABLE = {
    "film": [1.0, 0.0, 2.0], "fine": [0.0, 1.0, 0.0], "grace": [-1.0, 2.0, 0.5], "of": [1.0, 1.0, 1.0],
    "US": [5.0, 5.0, 5.0], "us": [0.0, 0.0, 1.0], "don": [0.0, 3.0, 0.0], "t": [0.0, 0.0, 3.0], "!": [9.0, 0.0, 0.0],
}  # fmt: skip
TRAINING = ["fine film of grace", "of of of film", "fine grace of film !"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("".join(f"{word} {' '.join(map(str, row))}\n" for word, row in TABLE.items()))
    return path


def rows(backbone, texts):
    return backbone.embed(backbone.collate([backbone.prepare(text) for text in texts]), ["pool"])["pool"].numpy()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fine film", ["fine", "film"]),
        ("US and us, Us!", ["US", "us", "us", "!"]),
        ("don't", ["don", "t"]),
        ("film film unknown", ["film", "film"]),
    ],
)
def test_mean_of_the_known_words(file, text, words):
    found = rows(open_backbone(f"words/{file}"), [text, "fine"])
    np.testing.assert_allclose(found[0], np.mean([TABLE[word] for word in words], axis=0), rtol=1e-6)
    np.testing.assert_allclose(found[1], TABLE["fine"])


@pytest.mark.parametrize("pooling", ["mean", "sif"])
def test_a_text_without_known_words_becomes_zeros(file, pooling):
    backbone = open_backbone(f"words/{file}?pooling={pooling}").fitted(TRAINING)
    found = rows(backbone, ["", "Überhaupt nichts", "fine"])
    assert (found[:2] == 0).all() and (found[2] != 0).any()


def test_sif_is_algorithm_1(file):
    a = 0.01
    counts = Counter(word for text in TRAINING for word in text.split())
    total = sum(counts.values())

    def weighted(text):
        words = text.split()
        weights = [a / (a + counts[word] / total) for word in words]
        return sum(weight * np.array(TABLE[word]) for weight, word in zip(weights, words, strict=True)) / len(words)

    training = np.array([weighted(text) for text in TRAINING])
    values, vectors = np.linalg.eigh(training.T @ training)
    u = vectors[:, values.argmax()]
    texts = ["fine of us", "grace"]
    expected = np.array([weighted(text) - (weighted(text) @ u) * u for text in texts])
    backbone = open_backbone(f"words/{file}?pooling=sif&a={a}")
    assert backbone.learned_from == "texts"
    learnt = backbone.fitted(TRAINING)
    assert learnt.learned_from is None and learnt.fingerprint != backbone.fingerprint
    np.testing.assert_allclose(rows(learnt, texts), expected, atol=1e-5)
    np.testing.assert_allclose(rows(learnt, TRAINING) @ u, 0, atol=1e-5)
    assert backbone.learned_from == "texts"  # learning makes another backbone


def test_the_share_of_unknown_words(file):
    backbone = open_backbone(f"words/{file}")
    assert backbone.unknown_share(["fine film", "never heard"]) == 0.5
    assert backbone.unknown_share([]) == 0.0


def test_fingerprint_follows_content_not_place(file, tmp_path):
    copy = tmp_path / "elsewhere.vec"
    copy.write_bytes(file.read_bytes())
    same = open_backbone(f"words/{file}").fingerprint
    assert open_backbone(f"words/{copy}").fingerprint == same
    assert open_backbone(f"words/{file}?limit=3").fingerprint != same
    copy.write_text(file.read_text().replace("film 1.0", "film 1.5"))
    assert open_backbone(f"words/{copy}").fingerprint != same


def test_misuse(file):
    sif = open_backbone(f"words/{file}?pooling=sif")
    with pytest.raises(BackboneError, match=r"learn from texts first: backbone\.fitted"):
        rows(sif, ["fine"])
    with pytest.raises(DataError, match="none of 2 texts holds a word"):
        sif.fitted(["qqq", ""])
    with pytest.raises(BackboneError, match="known: mean, sif"):
        open_backbone(f"words/{file}?pooling=max")
    with pytest.raises(BackboneError, match="must be positive"):
        open_backbone(f"words/{file}?limit=0")
    with pytest.raises(BackboneError, match="'vectors' and 'vocabulary'"):
        sif.with_state({"vectors": torch.zeros(1)})
    with pytest.raises(BackboneError, match="no network and cannot be cut"):
        sif.cut("pool")
