"""`headstart study` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli

QUICK = ["--seeds", "1", "--steps", "5", "--cuts", "layer1, pool", "--quiet"]


@pytest.fixture
def arrays(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 4
    X = rng.standard_normal((200, 6)) + 3 * np.eye(6)[labels]
    np.savez(tmp_path / "four.npz", X=X, y=[f"class {label}" for label in labels])
    return str(tmp_path / "four.npz")


def test_the_table_is_printed(arrays: str) -> None:
    found = CliRunner().invoke(cli, ["study", arrays, *QUICK])
    assert found.exit_code == 0, found.output
    assert "broken co-adaptation" in found.output
    assert "layer1" in found.output
    assert "layer2" not in found.output.split("probe at")[0]


def test_json_and_report(arrays: str, tmp_path: Path) -> None:
    page = tmp_path / "study.html"
    found = CliRunner().invoke(cli, ["study", arrays, *QUICK, "--json", "-o", str(page)])
    assert found.exit_code == 0, found.output
    assert [cut["layer"] for cut in json.loads(found.stdout)["cuts"]] == ["layer1", "pool"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_layer_that_is_not_there_is_one_line_with_the_nearest(arrays: str) -> None:
    found = CliRunner().invoke(cli, ["study", arrays, "--cuts", "layer7", "--quiet"])
    assert found.exit_code == 2
    assert "Did you mean 'layer" in found.output
