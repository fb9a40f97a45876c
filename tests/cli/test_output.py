"""One way to print: text for people, JSON for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from headstart.cli.output import as_document, show


@dataclass(frozen=True)
class Found:
    name: str
    score: float
    when: datetime
    where: Path

    def __str__(self) -> str:
        return f"{self.name}: fine"


FOUND = Found("Ångström", float("nan"), datetime(2020, 1, 2, tzinfo=UTC), Path("a/b"))


def test_people_get_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(FOUND, as_json=False)
    assert capsys.readouterr().out == "Ångström: fine\n"


def test_machines_get_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    show(FOUND, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "name": "Ångström", "score": None, "when": "2020-01-02 00:00:00+00:00", "where": "a/b",
    }  # fmt: skip


def test_numbers_of_numpy_are_numbers() -> None:
    assert json.loads(as_document({"n": np.int64(3), "rows": np.arange(2)})) == {"n": 3, "rows": [0, 1]}
