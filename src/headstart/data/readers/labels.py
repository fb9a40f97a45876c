"""From label values of any kind to class names in natural order and codes that count them."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from natsort import natsorted

from headstart.arrays import Labels
from headstart.errors import DataError
from headstart.problem import UNLABELLED, Task

MISSING = ""


@dataclass(frozen=True, eq=False)
class Labelling:
    """The task, one code per row (-1 where the label is missing), and what a person should know."""

    task: Task
    codes: Labels
    notes: tuple[str, ...] = ()


def encode(values: Sequence[Any], *, names: Sequence[str] | None = None) -> Labelling:
    """Class names in natural order ("2" before "10") and their codes; shape (n,).

    Blanks around a name are trimmed; 1 and 1.0 are one class. Missing are None, NaN, "" and, among whole numbers
    with at least two other values, -1. `names[k]` renames the whole number k.

    Raises `DataError` for continuous targets and for several labels in one cell.
    """
    keys = [_key(value) for value in values]
    raw = dict(zip(keys, values, strict=True))
    unlabelled_code = _holds_unlabelled_code(list(raw.values()))
    name_of = _namer(names, drop_minus_one=unlabelled_code)
    known = {key: name_of(value) for key, value in raw.items()}
    written = [known[key] for key in keys]
    classes = _in_natural_order(set(known.values()) - {MISSING})
    if names is None:
        _refuse_continuous([name for name in written if name])
    code = {name: number for number, name in enumerate(classes)} | {MISSING: UNLABELLED}
    notes = [*_merging(raw.values()), *_case_twins(classes)]
    if unlabelled_code:
        notes.append("label -1 was read as: unlabelled")
    return Labelling(Task(tuple(classes)), np.array([code[name] for name in written], dtype=np.int64), tuple(notes))


def unlabelled(n: int) -> Labelling:
    """No task, `n` rows without a label."""
    return Labelling(Task(), np.full(n, UNLABELLED, dtype=np.int64))


def class_name(value: Any) -> str:
    """How a label value is written as a class name; "" where it is missing.

    >>> class_name(" bees "), class_name(3.0), class_name(float("nan")), class_name(None)
    ('bees', '3', '', '')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return MISSING
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float):
        if math.isnan(value):
            return MISSING
        value = int(value) if value.is_integer() else value
    if not isinstance(value, str | int | float | bool):
        raise DataError(
            f"a label is a {type(value).__name__} ({value!r}); one sample has one label, a word or a number"
        )
    return unicodedata.normalize("NFC", str(value).strip())


def _in_natural_order(names: set[str]) -> list[str]:
    """Numbers by value, -1 before 1; words with their numbers by value, "item 2" before "item 10"."""
    if all(_number(name) is not None for name in names):
        return sorted(names, key=lambda name: (float(name), name))
    return natsorted(sorted(names))


def _key(value: Any) -> Any:
    return value if value.__hash__ is not None else (type(value).__name__, repr(value))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) or (isinstance(value, float | np.floating) and float(value).is_integer())


def _holds_unlabelled_code(values: Sequence[Any]) -> bool:
    """-1 says "unlabelled" among codes 0, 1, 2 ...; in {-1, +1} it is a class like the other."""
    whole = {int(value) for value in values if _is_whole(value)}
    return -1 in whole and len(whole) > 2 and min(whole) == -1


def _namer(names: Sequence[str] | None, *, drop_minus_one: bool) -> Callable[[Any], str]:
    def name_of(value: Any) -> str:
        if names is not None and _is_whole(value):
            return class_name(names[int(value)]) if 0 <= int(value) < len(names) else MISSING
        return MISSING if drop_minus_one and _is_whole(value) and int(value) == -1 else class_name(value)

    return name_of


def _refuse_continuous(names: Sequence[str]) -> None:
    distinct = set(names)
    numbers = [_number(name) for name in distinct]
    if len(distinct) <= 2 or None in numbers:
        return
    whole = all(number is not None and number.is_integer() for number in numbers)
    share = len(distinct) / len(names)
    if (len(distinct) > 20 and share > 1 / 3) if whole else (len(distinct) > 20 or share > 1 / 2):
        shown = ", ".join(list(dict.fromkeys(names))[:4])
        raise DataError(
            f"the labels are numbers on a scale ({len(distinct)} different among {len(names)}: {shown}, …); "
            "classification needs classes: cut the scale into named ranges, or name another label column"
        )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _merging(values: Any) -> list[str]:
    spellings: dict[str, set[str]] = defaultdict(set)
    for value in values:
        if isinstance(value, str) and class_name(value):
            spellings[class_name(value)].add(value)
    merged = [f"{sorted(written)} are one class '{name}'" for name, written in spellings.items() if len(written) > 1]
    return [f"labels were trimmed of blanks: {'; '.join(merged[:5])}"] if merged else []


def _case_twins(classes: Sequence[str]) -> list[str]:
    twins: dict[str, list[str]] = defaultdict(list)
    for name in classes:
        twins[name.casefold()].append(name)
    return [f"classes {found} differ only in case and are kept apart" for found in twins.values() if len(found) > 1]
