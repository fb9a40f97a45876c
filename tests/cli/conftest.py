"""A folder of pictures and a model learned from it, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from headstart.cli.main import cli

Run: TypeAlias = Callable[..., Result]


def invoke(*arguments: str, stdin: str | None = None) -> Result:
    """The command line, as a person types it."""
    return CliRunner().invoke(cli, list(arguments), input=stdin)


@pytest.fixture(scope="session")
def run() -> Run:
    return invoke


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bright and dark 8x8 pictures, with a damaged one among them."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        (folder / name).mkdir(parents=True)
        for at in range(30):
            pixels = np.clip(rng.normal(level, 30, (8, 8)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{at}.png")
    (folder / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    return folder


@pytest.fixture(scope="session")
def model(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "model"
    result = invoke("transfer", str(photos), "-o", str(folder), "--no-scratch", "--quiet")
    assert result.exit_code == 0, result.output
    assert "report" in result.output
    return folder
