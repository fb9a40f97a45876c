"""`read`: whatever the samples come in, one `Dataset`. Nothing is loaded before it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.data.dataset import Dataset
from headstart.data.pictures import SUFFIXES
from headstart.data.readers.arrays import read_arrays, read_bunch
from headstart.data.readers.hugging_face import is_hugging_face, read_hugging_face
from headstart.data.readers.image_folder import read_folder
from headstart.data.readers.roles import Roles
from headstart.data.readers.table import dataset_of, table_of
from headstart.data.readers.table_file import FILES, file_kind, read_table
from headstart.errors import DataError, UnknownName
from headstart.problem import MODALITIES, Modality


def read(
    source: Any,
    *,
    text: str | None = None,
    image: str | None = None,
    label: str | None = None,
    group: Any = None,
    modality: Modality | None = None,
    name: str | None = None,
) -> Dataset:
    """Read samples, with labels where they are known.

    source    a folder of pictures (`photos/<class>/*.jpg`); a table (.csv, .tsv, .jsonl, .json, .parquet) of texts,
              picture paths or numbers; .npz, .npy, svmlight; a DataFrame, a dict of columns, `(X, y)`, `X`, a
              scikit-learn Bunch, a Hugging Face Dataset or DatasetDict
    text, image, label, group   columns of a table; `group` may also be one value per row of `(X, y)`
    modality  what the samples are, where the source alone does not say it
    name      of the domain, for tables and reports

    >>> dataset = read((["good film", "bad film", "fine"], ["yes", "no", "yes"]))
    >>> dataset.task.classes, dataset.labels.tolist()
    (('no', 'yes'), [1, 0, 1])

    Raises `DataError` where nothing usable is found or more than one reading is possible, `UnknownName` (with the
    nearest) for a column that is not there, `MissingExtra` for Parquet without pyarrow.
    """
    if modality not in (None, *MODALITIES):
        raise UnknownName("modality", str(modality), MODALITIES)
    column_group = group if isinstance(group, str) else None
    roles = Roles(text=text, image=image, label=label, group=column_group, modality=modality)
    if _has_columns(source) and group is not None and column_group is None:
        raise DataError("group= has one value per row only beside arrays; here it names a column")
    if isinstance(source, Dataset):
        return _unchanged(source, roles, name)
    if isinstance(source, str | Path):
        return _read_path(source, roles, name=name)
    if is_hugging_face(source) or _all_hugging_face(source):
        return read_hugging_face(source, roles, name=name)
    if hasattr(source, "iloc"):
        return dataset_of(table_of(_frame_columns(source), name=name or ""), roles, name=name)
    if isinstance(source, Mapping) and not _is_bunch(source):
        return dataset_of(table_of(dict(source), name=name or ""), roles, name=name)
    _refuse_columns(roles, "this source has no columns")
    if isinstance(source, Mapping):
        return read_bunch(source, modality=modality, name=name)
    X, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    return read_arrays(X, y, groups=group, modality=modality, name=name)


def _read_path(source: str | Path, roles: Roles, *, name: str | None) -> Dataset:
    if "://" in str(source):
        raise DataError(f"'{source}' is an address; headstart reads files: download it first")
    path = Path(source).expanduser()
    if not path.exists():
        raise DataError(_missing(path))
    if path.is_dir():
        _refuse_columns(roles, f"{path} is a folder of pictures")
        if roles.modality not in (None, "image"):
            raise DataError(
                f"modality='{roles.modality}', but a folder is read as pictures; put {roles.modality} into a table"
            )
        return read_folder(path, name=name)
    if path.suffix.lower() in SUFFIXES:
        raise DataError(f"{path} is one picture; give the folder it lies in, or a list of paths")
    kind = file_kind(path)
    if kind in FILES:
        _refuse_columns(roles, f"{path} is a file of numbers ({kind})")
        return FILES[kind](path, modality=roles.modality, name=name)
    return dataset_of(read_table(path, kind, wanted=roles.named), roles, name=name)


def _unchanged(dataset: Dataset, roles: Roles, name: str | None) -> Dataset:
    if roles.named or roles.modality is not None or name is not None:
        raise DataError("a Dataset is read already: columns, modality= and name= cannot be chosen any more")
    return dataset


def _has_columns(source: Any) -> bool:
    return isinstance(source, str | Path | Mapping | Dataset) or hasattr(source, "iloc") or is_hugging_face(source)


def _is_bunch(source: Mapping[str, Any]) -> bool:
    return "data" in source and "target" in source and hasattr(source, "target")  # a Bunch has attributes, a dict not


def _refuse_columns(roles: Roles, why: str) -> None:
    if roles.named:
        raise DataError(f"{why}; text=, image=, label= and group= name columns of a table")


def _missing(path: Path) -> str:
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, which is missing"
    above = next(parent for parent in path.absolute().parents if parent.exists())
    return f"{path} does not exist (the last folder that does: {above})"


def _all_hugging_face(source: Any) -> bool:
    return isinstance(source, Mapping) and bool(source) and all(is_hugging_face(split) for split in source.values())


def _frame_columns(frame: Any) -> dict[str, Any]:
    names = [str(column) for column in frame.columns]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise DataError(f"several columns are called {sorted(twice)}; give each column its own name")
    return {name: frame.iloc[:, position].to_numpy() for position, name in enumerate(names)}
