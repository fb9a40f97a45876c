"""`headstart diagnose` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli


@pytest.fixture
def arrays(tmp_path: Path) -> tuple[str, str]:
    rng = np.random.default_rng(0)
    for name, shift in (("old", 0.0), ("new", 1.0)):
        X = rng.standard_normal((200, 4)) + shift
        np.savez(tmp_path / f"{name}.npz", X=X, y=np.where(X[:, 0] > shift, "yes", "no"))
    return str(tmp_path / "old.npz"), str(tmp_path / "new.npz")


def test_the_verdict_table_is_printed(arrays: tuple[str, str]) -> None:
    found = CliRunner().invoke(cli, ["diagnose", *arrays, "--quiet"])
    assert found.exit_code == 0, found.output
    assert "P(Y|X)" in found.output
    assert "setting:" in found.output


def test_json_and_report(arrays: tuple[str, str], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    found = CliRunner().invoke(cli, ["diagnose", *arrays, "--quiet", "--json", "-o", str(page)])
    assert found.exit_code == 0, found.output
    assert "P(X)" in json.loads(found.stdout)["differing"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_missing_path_is_one_line(arrays: tuple[str, str]) -> None:
    found = CliRunner().invoke(cli, ["diagnose", arrays[0], "nowhere.csv"])
    assert found.exit_code == 2
    assert "nowhere.csv" in found.output
