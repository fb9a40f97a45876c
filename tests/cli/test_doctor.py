"""`headstart doctor`: prints what was found; only what is broken makes it fail."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from headstart.cli.main import cli
from headstart.installation import examination
from headstart.installation.finding import Finding, Status


def finding(name: str, status: Status, fix: str = "") -> Finding:
    return Finding(name=name, status=status, detail="as it is", fix=fix)


def found(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(examination, "examine", lambda: findings)


def test_notes_and_absent_extras_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, finding("torch", "ok"), finding("timm", "missing", "pip install it"), finding("bf16", "note"))
    ended = CliRunner().invoke(cli, ["doctor"])
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        "ok       torch: as it is",
        "missing  timm: as it is",
        "         → pip install it",
        "note     bf16: as it is",
    ]


def test_what_is_broken_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, finding("torch", "ok"), finding("timm", "broken", "pip install it"))
    assert CliRunner().invoke(cli, ["doctor"]).exit_code == 1


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, finding("timm", "broken", "pip install it"))
    ended = CliRunner().invoke(cli, ["doctor", "--json"])
    assert ended.exit_code == 1
    assert json.loads(ended.output) == [
        {"name": "timm", "status": "broken", "detail": "as it is", "fix": "pip install it"}
    ]
