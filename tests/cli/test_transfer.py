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


def test_fine_tuning_with_a_recipe_that_serves_again(run: Run, photos: Path, tmp_path: Path) -> None:
    def tune(folder: str, *options: str) -> Result:
        return run("transfer", str(photos), "-b", "conv?size=8", "--strategy", "finetune", "--no-scratch", "--quiet",
                   "--epochs", "1", *options, "-o", str(tmp_path / folder), "--json")  # fmt: skip

    first = tune("first", "--move", "last1")
    assert first.exit_code == 0, first.output
    training = json.loads(first.stdout)["trainings"][0]
    assert (training["move"], training["boundary"]) == ("last1", "stage2")
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({**training["recipe"], "lr": 2e-4}))
    again = tune("again", "--recipe", str(recipe))
    assert json.loads(again.stdout)["trainings"][0]["recipe"]["lr"] == 2e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--strategy", "finetune", "--move", "stage9"), "Did you mean 'stage"),
        (("--strategy", "frozen", "--epochs", "3"), "no effect"),
        (("--budget", "soon"), "no duration"),
        (("--strategy", "finetune", "--recipe", "nowhere"), "no recipe"),
    ],
)
def test_what_cannot_be_tuned_is_one_line(run: Run, photos: Path, options: tuple[str, ...], message: str) -> None:
    result = run("transfer", str(photos), "-b", "conv?size=8", "--quiet", *options)
    assert result.exit_code == 2
    assert message in result.stderr and "Traceback" not in result.stderr
