"""Samples as a person sees them."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import sparse

from headstart.jobs.excerpts import LENGTH, SIDE, excerpt_of, thumbnail_of


def decoded(uri: str) -> Image.Image:
    kind, _, data = uri.partition(";base64,")
    assert kind.startswith("data:image/")
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_long_text_is_cut_and_says_so() -> None:
    assert excerpt_of("short", "text") == "short"
    cut = excerpt_of("x" * 1000, "text")
    assert len(cut) == LENGTH and cut.endswith("…")


def test_a_row_shows_its_first_columns() -> None:
    assert excerpt_of(np.array([1.0, 2.5]), "vector") == "1, 2.5"
    assert excerpt_of(np.zeros(20), "vector").endswith("…")
    assert excerpt_of(sparse.csr_matrix([[0.0, 3.0]]), "vector") == "0, 3"


def test_a_photo_becomes_small(tmp_path: Path) -> None:
    file = tmp_path / "wide.jpg"
    Image.fromarray(np.full((300, 600, 3), 90, np.uint8)).save(file)
    assert decoded(thumbnail_of(file, "image")).size == (SIDE, SIDE // 2)


def test_a_tiny_picture_is_enlarged_without_blur() -> None:
    pixels = np.array([[0, 255], [255, 0]], np.uint8)
    picture = decoded(thumbnail_of(pixels, "image"))
    assert picture.size == (SIDE, SIDE)
    assert set(np.unique(np.asarray(picture))) == {0, 255}


def test_no_thumbnail_of_a_text() -> None:
    assert thumbnail_of("text", "text") == ""
