"""What `headstart predict` writes: one row per sample in the order given, failures in their place with the reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from headstart.cli.predict import write_csv, write_jsonl
from headstart.models.prediction import Prediction

Run = Callable[..., Result]
GOOD = Prediction("a,b.jpg", "bees", 0.75, proba={"ants": 0.25, "bees": 0.75})
ABSTAINED = Prediction("c.jpg", "", 0.55, "below 0.9", {"ants": 0.45, "bees": 0.55}, abstained=True)
BROKEN = Prediction("d.jpg", "", 0.0, "truncated")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_come_in_order_and_failures_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_csv([GOOD, BROKEN, ABSTAINED], ()) == 1
    written = rows(capsys.readouterr().out)
    assert [row["id"] for row in written] == ["a,b.jpg", "d.jpg", "c.jpg"]
    assert [row["label"] for row in written] == ["bees", "", ""]
    assert [row["reason"] for row in written] == ["", "truncated", "below 0.9"]
    assert [row["confidence"] for row in written] == ["0.750000", "", "0.550000"]


def test_a_column_per_class_in_the_models_order(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv([GOOD, BROKEN], ("bees", "ants"))
    text = capsys.readouterr().out
    assert text.splitlines()[0] == "id,label,confidence,reason,bees,ants"
    assert [row["ants"] for row in rows(text)] == ["0.250000", ""]


def test_json_lines_hold_null_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_jsonl([GOOD, BROKEN]) == 1
    good, broken = map(json.loads, capsys.readouterr().out.splitlines())
    assert good == {"id": "a,b.jpg", "label": "bees", "confidence": 0.75, "reason": None, "proba": GOOD.proba}
    assert broken == {"id": "d.jpg", "label": None, "confidence": None, "reason": "truncated", "proba": None}


def test_a_folder_with_a_damaged_picture(run: Run, model: Path, photos: Path) -> None:
    ended = run("predict", str(model), str(photos), "--quiet")
    assert ended.exit_code == 1
    assert "1 of 61 samples could not be read" in ended.stderr
    found = {Path(row["id"]).relative_to(photos).as_posix(): row for row in rows(ended.stdout)}
    broken = found.pop("dark/broken.png")
    assert (broken["label"], broken["confidence"]) == ("", "") and broken["reason"]
    assert {row["label"] for row in found.values()} == {"dark", "light"}
    assert not any(row["reason"] for row in found.values())


def test_files_keep_their_order_and_what_is_missing_its_row(run: Run, model: Path, photos: Path) -> None:
    names = [str(photos / "light" / "3.png"), str(photos / "nowhere.png"), str(photos / "dark" / "5.png")]
    for ended in (
        run("predict", str(model), *names, "--quiet"),
        run("predict", str(model), "-", "--quiet", stdin="\n".join(names)),
    ):
        assert ended.exit_code == 1
        assert [row["id"] for row in rows(ended.stdout)] == names
        assert [row["label"] for row in rows(ended.stdout)] == ["light", "", "dark"]


def test_a_table_of_paths(run: Run, model: Path, photos: Path) -> None:
    table = photos.parent / "paths.csv"
    table.write_text("image,note\nphotos/light/3.png,a\nphotos/dark/5.png,b\n")
    ended = run("predict", str(model), str(table), "--quiet", "--json")
    assert ended.exit_code == 0, ended.output
    assert [json.loads(line)["label"] for line in ended.stdout.splitlines()] == ["light", "dark"]


def test_below_the_threshold_it_abstains_and_that_is_no_failure(run: Run, model: Path, photos: Path) -> None:
    pictures = str(photos / "light")
    sure = {row["id"]: float(row["confidence"]) for row in rows(run("predict", str(model), pictures).stdout)}
    threshold = sorted(sure.values())[len(sure) // 2]
    ended = run("predict", str(model), pictures, "--abstain", str(threshold + 1e-6), "--quiet")
    assert ended.exit_code == 0
    for row in rows(ended.stdout):
        assert (row["label"] == "") == (sure[row["id"]] <= threshold) == ("abstained" in row["reason"])


def test_misuse(run: Run, model: Path, photos: Path) -> None:
    for words, told in (
        (("--abstain", "7", str(photos)), "--abstain"),
        ((), "no samples named"),
        ((str(photos / "light" / "1.png"), "--text", "review"), "--text"),
    ):
        ended = run("predict", str(model), *words)
        assert ended.exit_code == 2 and told in ended.stderr and "Traceback" not in ended.stderr
