"""Pictures in class folders: `photos/<class>/*.jpg`, with or without `train/`, `val/`, `test/` and `unlabelled/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headstart.data.dataset import Dataset, Reject
from headstart.data.pictures import SUFFIXES
from headstart.data.readers.labels import encode
from headstart.data.readers.roles import PARTS, listing
from headstart.errors import DataError
from headstart.problem import Domain

UNLABELLED_FOLDERS = ("unlabelled", "unlabeled")
_SYSTEM = ("__macosx", "thumbs.db", "desktop.ini")
_OTHER_PICTURES = frozenset({".heic", ".heif", ".avif", ".svg", ".psd", ".raw", ".cr2", ".nef", ".arw", ".dng", ".ico"})
_TABLES = frozenset({".csv", ".tsv", ".jsonl", ".parquet"})
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")


@dataclass(frozen=True)
class _Found:
    """One file of the folder: the part and class that its place gives it (None: unlabelled), how deep it lies."""

    path: Path
    part: str
    label: str | None
    depth: int


def read_folder(root: Path, *, name: str | None = None) -> Dataset:
    """The pictures below `root`; none is opened. The class is the first folder below `root` (or below `train/` ...).

    Files deeper than their class folder belong to that class. Pictures in `unlabelled/`, or in no folder at all, have
    no label. Hidden files are skipped. A file is a picture by its ending, or, with an unknown ending, by its first
    bytes; other kinds of pictures (HEIC, SVG ...) become rejects, other files are counted in a note.

    Raises `DataError` where the folder holds no pictures.
    """
    rejects: list[Reject] = []
    files = list(_files(root, rejects))
    pictures = [found for found in files if _is_picture(found.path)]
    strangers = [found.path for found in files if not _is_picture(found.path)]
    rejects += [
        Reject(str(path.relative_to(root)), f"{path.suffix.lower()} files are not read; convert to JPEG or PNG")
        for path in strangers
        if path.suffix.lower() in _OTHER_PICTURES
    ]
    if not pictures:
        raise DataError(_nothing(root, strangers, rejects))
    labelling = encode([found.label for found in pictures])
    has_parts = any(found.part for found in pictures)
    return Dataset(
        domain=Domain("image", name or root.resolve().name),
        task=labelling.task,
        items=tuple(found.path for found in pictures),
        labels=labelling.codes,
        ids=tuple(str(found.path.relative_to(root)) for found in pictures),
        parts=tuple(found.part for found in pictures) if has_parts else None,
        rejects=tuple(rejects),
        notes=(*labelling.notes, *_notes(root, pictures, strangers)),
    )


def _files(root: Path, rejects: list[Reject]) -> Iterator[_Found]:
    folders = [entry for entry in _entries(root, root, rejects) if entry.is_dir()]
    named = [folder for folder in folders if folder.name.casefold() not in UNLABELLED_FOLDERS]
    parts = {folder: PARTS.get(folder.name.casefold(), "") for folder in named}
    if named and all(parts.values()) and any(_has_folders(folder) for folder in named):
        yield from _class_files(root, root, "", rejects, skip=set(named))
        for folder, part in parts.items():
            yield from _class_files(root, folder, part, rejects)
    else:
        yield from _class_files(root, root, "", rejects)


def _class_files(
    root: Path, top: Path, part: str, rejects: list[Reject], *, skip: frozenset[Path] | set[Path] = frozenset()
) -> Iterator[_Found]:
    for entry in _entries(root, top, rejects):
        if entry in skip:
            continue
        if not entry.is_dir():
            yield _Found(entry, part, None, 0)
            continue
        label = None if entry.name.casefold() in UNLABELLED_FOLDERS else entry.name
        for path, depth in _below(root, entry, rejects, (entry.resolve(),)):
            yield _Found(path, part, label, depth)


def _below(root: Path, folder: Path, rejects: list[Reject], above: tuple[Path, ...]) -> Iterator[tuple[Path, int]]:
    for entry in _entries(root, folder, rejects):
        if not entry.is_dir():
            yield entry, len(above) - 1
        elif entry.suffix.lower() in SUFFIXES:
            rejects.append(Reject(str(entry.relative_to(root)), "a directory, not a file"))
        elif entry.resolve() in above:
            rejects.append(Reject(str(entry.relative_to(root)), "a link to a folder that it lies in"))
        else:
            yield from _below(root, entry, rejects, (*above, entry.resolve()))


def _entries(root: Path, folder: Path, rejects: list[Reject]) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as cause:
        if folder == root:
            raise DataError(f"{root} cannot be listed: {cause.strerror}") from cause
        rejects.append(Reject(str(folder.relative_to(root)), f"the folder cannot be listed: {cause.strerror}"))
        return []
    return [entry for entry in entries if not entry.name.startswith(".") and entry.name.casefold() not in _SYSTEM]


def _has_folders(folder: Path) -> bool:
    return any(entry.is_dir() for entry in _entries(folder, folder, []))


def _is_picture(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return True
    if suffix in _OTHER_PICTURES | _TABLES or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start.startswith(_STARTS) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def _kinds(paths: list[Path]) -> str:
    counts = Counter(path.suffix.lower() or "no ending" for path in paths)
    return ", ".join(f"{count} {suffix}" for suffix, count in counts.most_common(6))


def _nothing(root: Path, strangers: list[Path], rejects: list[Reject]) -> str:
    tables = [path for path in strangers if path.suffix.lower() in _TABLES]
    if tables:
        return f"{root} holds no pictures but a table; read the file itself: '{tables[0]}'"
    if strangers or rejects:
        first = f"; first left out: {rejects[0].id}: {rejects[0].reason}" if rejects else ""
        return f"{root} holds no pictures, only {_kinds(strangers) or 'what cannot be read'}{first}"
    return f"{root} is empty; expected {root.name}/<class>/*.jpg"


def _notes(root: Path, pictures: list[_Found], strangers: list[Path]) -> Iterator[str]:
    skipped = [path for path in strangers if path.suffix.lower() not in _OTHER_PICTURES]
    if skipped:
        yield f"{len(skipped)} files that are no pictures were skipped ({_kinds(skipped)})"
    deep = [found for found in pictures if found.label is not None and found.depth]
    if deep:
        first = deep[0].path.relative_to(root)
        yield f"{len(deep)} pictures lie deeper than their class folder and count to it, first: {first}"
    loose = sum(found.label is None and found.path.parent == root for found in pictures)
    if loose:
        yield f"{loose} pictures lie in no class folder and are unlabelled"
    labels = {found.label for found in pictures} - {None}
    as_classes = sorted(label for label in labels if label and label.casefold() in PARTS)
    if as_classes:
        yield f"folders {listing(as_classes)} were read as classes: the folders beside them are no parts of a split"
    if len(labels) == 1 and len(deep) == sum(found.label is not None for found in pictures):
        yield f"all pictures lie below one folder; if its subfolders are the classes, read '{root / str(labels.pop())}'"
