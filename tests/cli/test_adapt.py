"""`headstart adapt` on two tables: a door to the job."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli
from headstart.models.folder import is_model

from ..adaptation.worlds import moved


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, Path]:
    world = moved(300)
    for name, X, y in (("old", world.Xs, world.ys), ("new", world.Xt, world.yt)):
        np.savez(tmp_path / f"{name}.npz", X=X, y=y)
    return str(tmp_path / "old.npz"), str(tmp_path / "new.npz"), tmp_path / "model"


def test_a_model_and_its_proof(files: tuple[str, str, Path]) -> None:
    old, new, folder = files
    ended = CliRunner().invoke(cli, ["adapt", old, new, "-o", str(folder), "--quiet"])
    assert ended.exit_code == 0, ended.output
    assert "shift    features differ" in ended.output
    assert "verdict  adapting helps" in ended.output
    assert is_model(folder)
    again = CliRunner().invoke(cli, ["adapt", old, new, "-o", str(folder), "--quiet"])
    assert again.exit_code == 2
    assert "--overwrite" in again.output


def test_json(files: tuple[str, str, Path]) -> None:
    ended = CliRunner().invoke(cli, ["adapt", *files[:2], "-m", "coral", "--json", "--quiet"])
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.output)
    assert found["method"] == "coral"
    assert found["accuracy"] > found["unadapted"]


def test_an_unknown_method(files: tuple[str, str, Path]) -> None:
    ended = CliRunner().invoke(cli, ["adapt", *files[:2], "-m", "corral"])
    assert ended.exit_code == 2
    assert "Did you mean 'coral'" in ended.output
