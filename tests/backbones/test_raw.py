"""Raw input is the input: nothing learnt, nothing lost that it does not say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.backbones.opening import open_backbone
from headstart.backbones.raw import WORD_COLUMNS
from headstart.errors import BackboneError, DataError


def rows(backbone, items):
    return backbone.embed(backbone.collate([backbone.prepare(item) for item in items]), ["pool"])["pool"]


def test_pictures_of_the_same_size_keep_every_pixel():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = rows(open_backbone("raw?modality=image"), [pixels]).numpy()[0].reshape(3, 16, 16)
    np.testing.assert_allclose(found, pixels.transpose(2, 0, 1) / 255, atol=1e-6)


def test_words_are_counted_wherever_they_stand():
    found = rows(open_backbone("raw?modality=text"), ["fine film", "film fine", "film film fine", ""])
    assert found.shape == (4, WORD_COLUMNS) and (found[0] != found[1]).nnz == 0
    np.testing.assert_allclose(sorted(found[2].data), np.array([1, 2]) / np.sqrt(5), rtol=1e-6)
    assert found[3].nnz == 0


@pytest.mark.parametrize("given", ["dense", "sparse"])
@pytest.mark.parametrize("wanted", [False, True])
def test_vectors_pass_as_they_are(given, wanted):
    matrix = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, -3.0]])
    items = list(matrix) if given == "dense" else [sparse.csr_matrix(matrix)[row] for row in range(2)]
    found = rows(open_backbone("raw", modality="vector", sparse=wanted), items)
    assert sparse.issparse(found) == wanted
    np.testing.assert_array_equal(found.toarray() if wanted else found.numpy(), matrix)


@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("bad", [np.array([1.0, np.nan]), sparse.csr_matrix([[np.inf, 0.0]]), np.array(["a", "b"])])
def test_rows_that_are_no_finite_numbers_are_refused(bad, wanted):
    with pytest.raises(DataError, match=r"NaN or infinity|must hold numbers"):
        open_backbone("raw", modality="vector", sparse=wanted).prepare(bad)


def test_misuse():
    backbone = open_backbone("raw?modality=vector")
    with pytest.raises(DataError, match=r"different lengths: \[1, 2\]"):
        rows(backbone, [np.ones(2), np.ones(1)])
    with pytest.raises(BackboneError, match="no network"):
        backbone.cut("pool")
