"""Which column of a table plays which role: as named by the user, or guessed where only one reading is possible."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from headstart.errors import DataError, UnknownName
from headstart.problem import Modality

TEXT_NAMES = ("text", "sentence", "review", "document", "message", "comment", "content", "question")
IMAGE_NAMES = ("image", "image_path", "img", "picture", "photo", "file", "file_name", "filename", "filepath", "path")
LABEL_NAMES = ("label", "labels", "class", "target", "category")
PART_NAMES = ("split", "part", "subset")
GROUP_NAMES = ("group", "subject", "patient", "person", "user", "speaker", "session")

PARTS = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Column names; None where the user named none."""

    text: str | None = None
    image: str | None = None
    label: str | None = None
    group: str | None = None
    part: str | None = None
    modality: Modality | None = None

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(name for name in (self.text, self.image, self.label, self.group, self.part) if name is not None)


def assign(columns: Sequence[str], roles: Roles) -> tuple[Roles, tuple[str, ...]]:
    """Fill in what was not named, and say what was guessed.

    Raises `UnknownName` for a column that is not there, `DataError` where more than one reading is possible.
    """
    for name in roles.named:
        known_column(name, columns)
    if roles.text is not None and roles.image is not None:
        raise DataError(f"text='{roles.text}' and image='{roles.image}': a sample is one or the other; name one column")
    named = roles
    roles = _with_sample_column(columns, roles)
    roles = replace(roles, label=roles.label or _only(columns, LABEL_NAMES, "label", taken=roles.named))
    roles = replace(roles, part=roles.part or _only(columns, PART_NAMES, "part", taken=roles.named))
    return roles, _announce(columns, named, roles)


def known_column(name: str, columns: Sequence[str]) -> None:
    """Raise `UnknownName`, with the nearest, unless `name` is a column."""
    if name not in columns:
        shown = columns if len(columns) <= 30 else difflib.get_close_matches(name, columns, n=5) or columns[:5]
        raise UnknownName("column", name, shown)


def listing(names: Iterable[str], most: int = 12) -> str:
    """`'a', 'b' … (100000)`: column names for a message, never all of a hundred thousand."""
    names = list(names)
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" … ({len(names)})" if len(names) > most else "")


def _with_sample_column(columns: Sequence[str], roles: Roles) -> Roles:
    if roles.text is not None or roles.image is not None or roles.modality == "vector":
        return roles
    text = _only(columns, TEXT_NAMES, "text", taken=roles.named) if roles.modality in (None, "text") else None
    image = _only(columns, IMAGE_NAMES, "image", taken=roles.named) if roles.modality in (None, "image") else None
    if text and image:
        raise DataError(
            f"columns '{text}' and '{image}' could both be the sample; say text='{text}' or image='{image}'"
        )
    if roles.modality in ("text", "image") and not (text or image):
        raise DataError(f"which column holds the {roles.modality}? Say {roles.modality}=…; columns: {listing(columns)}")
    return replace(roles, text=text, image=image)


def _only(columns: Sequence[str], names: Sequence[str], role: str, *, taken: Sequence[str]) -> str | None:
    found = [column for column in columns if column.strip().casefold() in names and column not in taken]
    if len(found) > 1 and role != "part":
        raise DataError(f"columns {listing(found)} could all be the {role}; name one: {role}='{found[0]}'")
    return found[0] if len(found) == 1 else None


def _announce(columns: Sequence[str], named: Roles, roles: Roles) -> tuple[str, ...]:
    notes = [
        f"column '{getattr(roles, role)}' was taken as the {role}, because of its name"
        for role in ("text", "image", "label", "part")
        if getattr(named, role) is None and getattr(roles, role) not in (None, role)
    ]
    if roles.label is None:
        others = [column for column in columns if column not in roles.named]
        notes.append(f"no label column was named or found; other columns: {listing(others) or 'none'}")
    likely = [column for column in columns if column.strip().casefold() in GROUP_NAMES]
    if likely and roles.group is None:
        notes.append(f"column '{likely[0]}' may say which rows belong together; if so, say group='{likely[0]}'")
    return tuple(notes)
