"""Small pictures and folders to read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Paint = Callable[..., bytes]


@pytest.fixture(scope="session")
def paint() -> Paint:
    """Encoded random picture: `paint(seed, size=(w, h), mode="RGB", format="JPEG")`."""

    def encoded(seed: int, *, size: tuple[int, int] = (24, 16), mode: str = "RGB", format: str = "JPEG") -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        target = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(target, format)
        return target.getvalue()

    return encoded


@pytest.fixture
def photos(tmp_path: Path, paint: Paint) -> Path:
    """photos/{ants,bees}: six pictures each, all different."""
    for seed in range(12):
        file = tmp_path / "photos" / ("ants", "bees")[seed % 2] / f"{seed}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(paint(seed))
    return tmp_path / "photos"
