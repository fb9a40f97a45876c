"""`headstart transfer`, as a person types it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


def test_the_model_folder_is_complete(run: Run, model: Path) -> None:
    assert {"model.json", "head.safetensors", "findings.json", "README.md", "report.html"} <= {
        file.name for file in model.iterdir()
    }
    findings = json.loads((model / "findings.json").read_text())
    assert [reject[0] for reject in findings["rejects"]] == ["dark/broken.png"]


def test_texts_from_a_table(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    rows = [f"a {'fine' if at % 2 else 'poor'} film number {at},{'up' if at % 2 else 'down'}" for at in range(60)]
    table.write_text("\n".join(["review,stars", *rows]))
    folder = tmp_path / "model"
    result = run("transfer", str(table), "--text", "review", "--label", "stars", "-b", "tfidf", "-o", str(folder),
                 "--quiet", "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["classes"] == ["down", "up"]
    new = tmp_path / "new.csv"
    new.write_text("id,review\n1,a fine day\n2,a poor day\n")
    predicted = run("predict", str(folder), str(new), "--quiet")
    assert [row["label"] for row in csv.DictReader(io.StringIO(predicted.stdout))] == ["up", "down"]
    lines = run("predict", str(folder), "-", "--quiet", stdin="a poor show\n")
    assert [row["label"] for row in csv.DictReader(io.StringIO(lines.stdout))] == ["down"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("transfer", "nowhere"), "does not exist"),
        (("predict", "nowhere", "a.png"), "no such folder"),
    ],
)
def test_misuse_is_one_line_and_status_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_occupied_output_folder_is_noticed_before_the_work(run: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("else")
    result = run("transfer", str(photos), "-o", str(tmp_path))
    assert result.exit_code == 2
    assert "is not a model" in result.stderr
