"""The kind of a file is told by its first bytes, then by its ending; what nobody can read says what to do."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from headstart.data.readers.table_file import file_kind, read_table
from headstart.errors import DataError


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.csv", b"text,label\n", "delimited"),
        ("a.tsv", b"text\tlabel\n", "delimited"),
        ("a.txt", b"text;label\n", "delimited"),
        ("a.jsonl", b'{"text": 1}\n', "json"),
        ("a.txt", b'{"text": 1}\n', "json"),
        ("a.csv", b"PAR1....", "parquet"),
        ("a.dat", b"\x93NUMPY\x01\x00", "npy"),
        ("books", b"-1 3:0.5 17:1\n", "svmlight"),
        ("books.svmlight", b"# comment\n", "svmlight"),
    ],
)
def test_kinds(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert file_kind(tmp_path / name) == kind


def test_zip_archives_are_told_apart(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(2))
    (tmp_path / "a.npz").rename(tmp_path / "a.csv")
    assert file_kind(tmp_path / "a.csv") == "npz"
    for member, told in (("[Content_Types].xml", "Excel"), ("photos/1.jpg", "unpack"), ("model/data.pkl", "pickle")):
        with zipfile.ZipFile(tmp_path / "b.csv", "w") as archive:
            archive.writestr(member, b"x")
        with pytest.raises(DataError, match=told):
            file_kind(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 cut off", "damaged zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.4", "PDF"),
        (pickle.dumps([1, 2]), "never loaded"),
        (b"some words", "unknown kind of file"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "a.bin").write_bytes(data)
    with pytest.raises(DataError, match=told):
        file_kind(tmp_path / "a.bin")


def test_tables_go_to_their_reader(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\na,x\n")
    (tmp_path / "a.jsonl").write_text('{"text": "a", "label": "x"}\n')
    first = read_table(tmp_path / "a.csv", "delimited")
    second = read_table(tmp_path / "a.jsonl", "json")
    assert dict(first.columns) == dict(second.columns)
