"""tf-idf agrees with its formula, learns without labels, and comes back from its state bit by bit."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError, DataError

TEXTS = ["fine film fine cast", "fine day", "bad film"]


def rows(backbone, texts):
    return backbone.embed(backbone.collate([backbone.prepare(text) for text in texts]), ["pool"])["pool"]


def test_the_formula():
    """(1 + log count) · (log((1 + n) / (1 + documents)) + 1), rows of length 1."""
    learnt = open_backbone("tfidf").fitted(TEXTS)
    terms = json.loads(learnt.state()["vocabulary"].numpy().tobytes())

    def grams(text):
        words = text.split()
        return Counter([*words, *(" ".join(pair) for pair in itertools.pairwise(words))])

    documents = Counter(term for text in TEXTS for term in grams(text))
    assert set(terms) == set(documents)
    for text, row in zip(TEXTS, rows(learnt, TEXTS).toarray(), strict=True):
        counts = grams(text)
        expected = np.array([
            (1 + math.log(counts[term])) * (math.log(4 / (1 + documents[term])) + 1) if counts[term] else 0.0
            for term in terms
        ])  # fmt: skip
        np.testing.assert_allclose(row, expected / np.linalg.norm(expected), rtol=1e-5, atol=1e-7)


def test_rare_terms_count_only_in_small_sets():
    many = [f"common word{number}" for number in range(100)]
    assert rows(open_backbone("tfidf?longest=1").fitted(many), ["x"]).shape[1] == 1
    assert rows(open_backbone("tfidf?longest=1").fitted(many[:99]), ["x"]).shape[1] == 100
    assert rows(open_backbone("tfidf?longest=1&min_df=1&most=7").fitted(many), ["x"]).shape[1] == 7


def test_state_brings_it_back():
    learnt = open_backbone("tfidf").fitted(TEXTS)
    again = open_backbone("tfidf").with_state(learnt.state())
    assert again.fingerprint == learnt.fingerprint != open_backbone("tfidf").fingerprint
    assert (rows(again, [*TEXTS, "new film"]) != rows(learnt, [*TEXTS, "new film"])).nnz == 0


def test_misuse():
    backbone = open_backbone("tfidf")
    with pytest.raises(BackboneError, match=r"backbone\.fitted"):
        rows(backbone, ["text"])
    with pytest.raises(DataError, match="no term occurs"):
        backbone.fitted(["", "!"])
    with pytest.raises(BackboneError, match="'vocabulary' and 'idf'"):
        backbone.with_state({"idf": torch.zeros(1)})
    with pytest.raises(BackboneError, match="start at 1"):
        open_backbone("tfidf?min_df=0")
