"""`headstart transfer` and `headstart predict`, as a person types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from headstart.cli.main import cli


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=stdin)


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def model(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "model"
    result = run("transfer", str(photos), "-o", str(folder), "--no-scratch", "--quiet")
    assert result.exit_code == 0, result.output
    assert "report" in result.output
    return folder


def test_the_model_folder_is_complete(model: Path) -> None:
    assert {"model.json", "head.safetensors", "findings.json", "README.md", "report.html"} <= {
        file.name for file in model.iterdir()
    }
    findings = json.loads((model / "findings.json").read_text())
    assert [reject[0] for reject in findings["rejects"]] == ["dark/broken.png"]


def test_predictions_stay_beside_their_files_and_failures_show(model: Path, photos: Path) -> None:
    files = [photos / "dark" / "1.png", photos / "dark" / "broken.png", photos / "light" / "2.png", photos / "none.png"]
    result = run("predict", str(model), *map(str, files), "--quiet", "--proba")
    assert result.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [Path(row["id"]) for row in rows] == files
    assert [row["label"] for row in rows] == ["dark", "", "light", ""]
    assert all(rows[at]["reason"] for at in (1, 3))
    assert float(rows[0]["dark"]) + float(rows[0]["light"]) == pytest.approx(1, abs=1e-5)
    assert "2 of 4" in result.stderr


def test_a_clean_run_exits_with_zero_and_prints_json_lines(model: Path, photos: Path) -> None:
    result = run("predict", str(model), str(photos / "light"), "--quiet", "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == 30 and all(line["label"] in ("dark", "light") for line in lines)


def test_a_list_on_standard_input(model: Path, photos: Path) -> None:
    names = f"{photos / 'light' / '3.png'}\n{photos / 'dark' / '3.png'}\n"
    result = run("predict", str(model), "-", "--quiet", stdin=names)
    assert [row["label"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["light", "dark"]


def test_abstaining_from_everything_is_no_failure(model: Path, photos: Path) -> None:
    result = run("predict", str(model), str(photos / "light" / "1.png"), "--abstain", "1.01", "--quiet")
    assert result.exit_code == 0
    assert "abstained" in result.stdout


def test_texts_from_a_table(tmp_path: Path) -> None:
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
def test_misuse_is_one_line_and_status_2(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_occupied_output_folder_is_noticed_before_the_work(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("else")
    result = run("transfer", str(photos), "-o", str(tmp_path))
    assert result.exit_code == 2
    assert "is not a model" in result.stderr
