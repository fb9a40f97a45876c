"""What kind of file it is (by its first bytes, then by its ending), and the reader for it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from headstart.data.dataset import Dataset
from headstart.data.readers.delimited import read_delimited
from headstart.data.readers.json_lines import read_json
from headstart.data.readers.matrix_file import read_npy, read_npz, read_svmlight
from headstart.data.readers.parquet import read_parquet
from headstart.data.readers.table import Table
from headstart.errors import DataError
from headstart.problem import Modality

Kind: TypeAlias = Literal["delimited", "json", "parquet", "npz", "npy", "svmlight"]
_ENDINGS: dict[str, Kind] = {
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet",
    ".npz": "npz", ".npy": "npy",
    ".svmlight": "svmlight", ".libsvm": "svmlight", ".svm": "svmlight",
}  # fmt: skip
_ADVICE = {
    b"\x1f\x8b": "is compressed with gzip; unpack it first",
    b"\xd0\xcf\x11\xe0": "is an old Excel or Word file; save it as CSV",
    b"%PDF": "is a PDF document; put its text into a table",
    b"\x89HDF": "is an HDF5 file; store X and y in an .npz file",
    b"SQLi": "is an SQLite database; export the table as CSV",
    b"\x80": "looks like a pickle; pickles are never loaded: save X and y with numpy.savez",
}
_SVMLIGHT = re.compile(rb"\s*[-+\d.eE]+(,[-\d]+)*(\s+\d+:[-+\d.eE]+)+\s*(#.*)?")


def _svmlight(path: Path, *, modality: Modality | None, name: str | None) -> Dataset:
    if modality not in (None, "vector"):
        raise DataError(f"modality='{modality}', but {path} is an svmlight file of vectors")
    return read_svmlight(path, name=name)


FILES: dict[str, Callable[..., Dataset]] = {"npz": read_npz, "npy": read_npy, "svmlight": _svmlight}


def file_kind(path: Path) -> Kind:
    """Which reader a file needs. Raises `DataError`, with what to do, for a file that none can read."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as cause:
        raise DataError(f"{path} cannot be read: {cause.strerror}") from cause
    if not start:
        raise DataError(f"{path} is empty (0 bytes)")
    if start.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    for mark, advice in _ADVICE.items():
        if start.startswith(mark):
            raise DataError(f"{path} {advice}")
    known = _ENDINGS.get(path.suffix.lower())
    return known or _by_content(path, start)


def read_table(path: Path, kind: Kind, *, wanted: Sequence[str] = ()) -> Table:
    """The table in a file; `wanted` columns help to find the delimiter."""
    if kind == "json":
        return read_json(path)
    return read_parquet(path) if kind == "parquet" else read_delimited(path, wanted=wanted)


def _zip_kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as cause:
        raise DataError(f"{path} is a damaged zip archive: {cause}") from cause
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    if any(name.endswith("data.pkl") for name in names):
        raise DataError(f"{path} holds a pickle (a torch checkpoint?); pickles are never loaded as data")
    advice = "an Excel file; save it as CSV" if "[Content_Types].xml" in names else "a zip archive; unpack it first"
    raise DataError(f"{path} is {advice}")


def _by_content(path: Path, start: bytes) -> Kind:
    line = start.lstrip(b"\xef\xbb\xbf").lstrip().splitlines()[0] if start.strip() else b""
    if line.startswith((b"{", b"[")):
        return "json"
    if _SVMLIGHT.fullmatch(line):
        return "svmlight"
    if path.suffix.lower() in (".txt", ".data", "") and any(mark in line for mark in (b",", b";", b"\t", b"|")):
        return "delimited"
    raise DataError(f"{path}: unknown kind of file '{path.suffix}'; known: a folder of pictures, {', '.join(_ENDINGS)}")
