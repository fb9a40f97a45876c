"""What `headstart predict` writes: one row per sample in the order given, failures in their place with the reason."""

from __future__ import annotations

import csv
import io
import json

import pytest

from headstart.cli.predict import write_csv, write_jsonl
from headstart.models.prediction import Prediction

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
