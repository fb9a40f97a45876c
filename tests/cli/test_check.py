"""`headstart check`: shows the survey; fails softly when samples had to be left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from headstart.cli.main import cli


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    rows = [f"this was number {row} and it was {'good' if row % 2 else 'bad'},{row % 2}" for row in range(60)]
    table = tmp_path / "reviews.csv"
    table.write_text("\n".join(["review,stars", *rows]) + "\n")
    return table


def test_a_clean_table(reviews: Path) -> None:
    ended = CliRunner().invoke(cli, ["check", str(reviews), "--text", "review", "--label", "stars", "--quiet"])
    assert ended.exit_code == 0, ended.output
    assert "60 text samples, 60 of them labelled" in ended.output
    assert ended.stderr == ""


def test_json(reviews: Path) -> None:
    words = ["check", str(reviews), "--text", "review", "--label", "stars", "--quiet", "--json"]
    found = json.loads(CliRunner().invoke(cli, words).output)
    assert found["class_counts"] == {"0": 30, "1": 30}
    assert found["rejects"] == []


def test_rejects_are_shown_and_make_it_fail(reviews: Path) -> None:
    with reviews.open("a") as table:
        table.write("  ,1\n")
    ended = CliRunner().invoke(cli, ["check", str(reviews), "--text", "review", "--label", "stars", "--quiet"])
    assert ended.exit_code == 1
    assert "left out: 1" in ended.output


def test_a_wrong_column_offers_the_nearest(reviews: Path) -> None:
    ended = CliRunner().invoke(cli, ["check", str(reviews), "--text", "reviw", "--label", "stars", "--quiet"])
    assert ended.exit_code == 2
    assert "review" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_path(tmp_path: Path) -> None:
    ended = CliRunner().invoke(cli, ["check", str(tmp_path / "nowhere"), "--quiet"])
    assert ended.exit_code == 2
    assert "nowhere" in ended.stderr
