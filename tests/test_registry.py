"""Names to things: nothing is imported before it is asked for; strangers come in by the same door."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from headstart import registry
from headstart.errors import MissingExtra, UnknownName
from headstart.registry import Registry, require


def test_a_name_gives_the_thing() -> None:
    assert Registry("tool", join="os.path:join")["join"] is __import__("os").path.join


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    table = Registry("tool", never="headstart.no_such_module:thing")
    assert list(table) == ["never"]
    assert "never" in table
    assert len(table) == 1


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"Unknown tool 'jion'. Did you mean 'join'\?"):
        Registry("tool", join="os.path:join")["jion"]


def test_plugins_join_but_do_not_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def installed(*, group: str) -> list[EntryPoint]:
        asked.append(group)
        return [EntryPoint("split", "os.path:split", group), EntryPoint("join", "os.path:dirname", group)]

    monkeypatch.setattr(registry, "entry_points", installed)
    table = Registry("fine tool", join="os.path:join")
    assert table["split"] is __import__("os").path.split
    assert table["join"] is __import__("os").path.join
    assert asked == ["headstart.fine_tool"]


def test_require_gives_the_module() -> None:
    assert require("json", extra="none").dumps([1]) == "[1]"


def test_a_missing_package_is_one_line_that_names_the_extra() -> None:
    with pytest.raises(
        MissingExtra, match=r"^absent_package is not installed; run: pip install 'headstart\[vision\]'$"
    ):
        require("absent_package.inner", extra="vision")


@pytest.mark.parametrize("kind", ["RuntimeError", "OSError", "ImportError"])
def test_a_broken_package_says_so_and_names_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / f"broken_{kind.lower()}.py").write_text(f"raise {kind}('operator nms does not exist')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtra, match=r"does not import \(operator nms does not exist\); `headstart doctor`"):
        require(f"broken_{kind.lower()}", extra="vision")
    assert f"broken_{kind.lower()}" not in sys.modules
