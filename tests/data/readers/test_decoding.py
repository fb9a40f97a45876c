"""Text files in every common encoding give the same lines; what is no text is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.readers.decoding import read_lines
from headstart.errors import DataError

TEXT = "text,label\nnaïve café €,gut\n"


def lines(path: Path, data: bytes) -> tuple[list[str], tuple[str, ...]]:
    (path / "table.csv").write_bytes(data)
    return read_lines(path / "table.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_that_say_what_they_are(tmp_path: Path, encoding: str) -> None:
    assert lines(tmp_path, TEXT.encode(encoding)) == (TEXT.splitlines(keepends=True), ())


def test_windows_1252_is_a_fallback_and_announced(tmp_path: Path) -> None:
    found, notes = lines(tmp_path, TEXT.encode("cp1252"))
    assert found == TEXT.splitlines(keepends=True)
    assert "line 2" in notes[0]
    assert "Windows-1252" in notes[0]


def test_mixed_encodings_are_decoded_line_by_line(tmp_path: Path) -> None:
    found, notes = lines(tmp_path, "é\n".encode() + "ü\n".encode("cp1252") + "ß\n".encode())
    assert found == ["é\n", "ü\n", "ß\n"]
    assert "1 of 3 lines" in notes[0]


def test_only_line_ends_end_a_line(tmp_path: Path) -> None:
    assert lines(tmp_path, "a\u2028b\r\nc\x0bd\n".encode())[0] == ["a\u2028b\r\n", "c\x0bd\n"]


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"", "empty"), (b" \n\n", "empty"), (TEXT.encode("utf-16-le"), "byte order mark"), (b"\xff\xfea", "utf-16")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        lines(tmp_path, data)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.data.readers.decoding.MAX_BYTES", 5)
    with pytest.raises(DataError, match="limit"):
        lines(tmp_path, b"123456")
