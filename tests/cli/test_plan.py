"""`headstart plan`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 2
    rows = rng.normal(size=(100, 3)) + 3 * labels[:, None]
    lines = [
        "a,b,c,label",
        *(f"{a:.4f},{b:.4f},{c:.4f},{'yes' if y else 'no'}" for (a, b, c), y in zip(rows, labels, strict=True)),
    ]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_it_prints_a_table_or_json_and_writes_the_file(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    said = CliRunner().invoke(cli, ["plan", str(table), "--label", "label", "--no-race", "-o", str(out)])
    assert said.exit_code == 0, said.output
    assert "Do this:" in said.output
    assert str(out) in said.output
    printed = CliRunner().invoke(cli, ["plan", str(table), "--label", "label", "--no-race", "--json"])
    assert json.loads(printed.stdout)["n_classes"] == 2
    assert json.loads(out.read_text())["data"] == json.loads(printed.stdout)["data"]


def test_a_limit_that_leaves_nothing_is_one_line(table: Path) -> None:
    said = CliRunner().invoke(cli, ["plan", str(table), "--label", "label", "--no-race", "--budget", "0.000001ms"])
    assert said.exit_code == 2
    assert "smallest that works" in said.output
