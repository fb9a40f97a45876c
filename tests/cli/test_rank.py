"""`headstart rank` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli


@pytest.fixture
def arrays(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 4))
    np.savez(tmp_path / "data.npz", X=X, y=np.where(X[:, 0] > 0, "yes", "no"))
    return str(tmp_path / "data.npz")


def test_several_backbones_after_one_option(arrays: str) -> None:
    found = CliRunner().invoke(cli, ["rank", arrays, "--backbones", "raw", "mlp?width=4", "-b", "words/none.txt"])
    assert found.exit_code == 0, found.output
    assert "raw" in found.output
    assert "skipped  words/none.txt" in found.output
    assert "skipped  mlp?width=4" in found.output


def test_json_and_report(arrays: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    found = CliRunner().invoke(cli, ["rank", arrays, "-b", "raw", "--by", "logme", "--json", "-o", str(page)])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["by"] == "logme"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_limits_and_wrong_names_are_one_line(arrays: str) -> None:
    found = CliRunner().invoke(cli, ["rank", arrays, "-b", "mlp?inputs=4", "--license", "mit"])
    assert found.exit_code == 2
    assert "no backbone is left to rank: mlp?inputs=4: licence" in found.output
    found = CliRunner().invoke(cli, ["rank", arrays, "-b", "raw", "--by", "logm"])
    assert found.exit_code == 2
    assert "Did you mean 'logme'" in found.output
