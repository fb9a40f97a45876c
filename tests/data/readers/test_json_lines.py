"""JSON lines and lists: keys are columns; a broken entry is a reject."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.readers.json_lines import read_json
from headstart.errors import DataError


def test_lines_and_lists_give_the_same_columns(tmp_path: Path) -> None:
    objects = ['{"text": "a", "label": "x"}', '{"label": null, "text": "b"}', '{"text": "c", "extra": 1}']
    (tmp_path / "lines.jsonl").write_text("\n".join(objects))
    (tmp_path / "list.json").write_text(f"[{','.join(objects)}]")
    lines, whole = read_json(tmp_path / "lines.jsonl"), read_json(tmp_path / "list.json")
    assert dict(lines.columns) == dict(whole.columns)
    assert dict(lines.columns) == {"text": ("a", "b", "c"), "label": ("x", None, None), "extra": (None, None, 1)}
    assert lines.ids == ("line 1", "line 2", "line 3")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": ', "no JSON object"),
        ('["a"]', "a JSON list"),
        ('{"text": "a", "text": "b"}', "'text'"),
        ('{"text": "a\\u0000"}', "NUL"),
        ("[" * 100_000, "no JSON object"),
    ],
)
def test_a_broken_line_is_a_reject(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "lines.jsonl").write_text(f'{{"text": "good"}}\n{line}\n{{"text": "fine"}}\n')
    found = read_json(tmp_path / "lines.jsonl")
    assert found.columns["text"] == ("good", "fine")
    assert found.rejects[0].id == "line 2"
    assert told in found.rejects[0].reason


def test_a_broken_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('[{"text": "a"}, {')
    with pytest.raises(DataError, match="cannot be read"):
        read_json(tmp_path / "list.json")
