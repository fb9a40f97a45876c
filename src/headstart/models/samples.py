"""What a person names on the command line, as the samples of a model's domain: one row each, in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from natsort import natsorted

from headstart.data.dataset import Dataset
from headstart.data.pictures import SUFFIXES
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.models.model import Model

TABLES = (".csv", ".tsv", ".jsonl", ".json", ".parquet")  # what a list of picture paths may stand in


def samples_from_arguments(
    model: Model, arguments: Sequence[str], stdin: TextIO, *, text: str | None = None, image: str | None = None
) -> Dataset:
    """Files, folders and tables in the order given; `-` reads a list from `stdin` (paths, or one text per line).

    Raises `DataError` where nothing is named, where a path does not exist and cannot be a row of its own, or where the
    kind of file does not suit the model.
    """
    if not arguments:
        raise DataError("no samples named; give files, a folder, a table, or - to read a list from standard input")
    pictures = model.domain.modality == "image"
    first = Path(arguments[0])
    is_table = len(arguments) == 1 and not first.is_dir() and (not pictures or first.suffix.lower() in TABLES)
    if (text or image) and (not is_table or arguments[0] == "-"):
        raise DataError(f"--{'text' if text else 'image'} names a column of a table, and no table is given")
    if list(arguments) == ["-"]:
        lines = [line.rstrip("\r\n") for line in stdin]
        return model.dataset([line for line in lines if line.strip()] if model.domain.modality == "image" else lines)
    if is_table:
        return model.table(first, text=text, image=image)
    if not pictures:
        raise DataError(f"this model reads {model.domain.modality}; give one table, or texts on standard input (-)")
    files: list[Path] = []
    for path in map(Path, arguments):
        files += picture_files(path) if path.is_dir() else [path]
    if not files:
        raise DataError(f"no pictures in {', '.join(arguments)}")
    return model.dataset(files)


def picture_files(folder: Path) -> list[Path]:
    """Every picture file at or below `folder` by its suffix, in natural order, hidden ones left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.is_dir())
    shown = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return natsorted(shown, key=str)
