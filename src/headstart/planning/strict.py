"""Strict reading of dataclasses from JSON: an unknown key is an error, and so is a value of another kind."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar

from headstart.errors import PlanError, UnknownName

T = TypeVar("T")


def read_fields(kind: type[T], values: Any, *, where: str) -> T:
    """An instance of the dataclass `kind` from a JSON object; nested dataclasses, tuples and options likewise.

    null stands for NaN where a number is due: JSON has no other way to write it. Raises `PlanError` that names the
    place, what stands there, and what should.
    """
    if not isinstance(values, dict):
        raise PlanError(f"{where} is {_shown(values)}, and should be an object")
    types_of = typing.get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in values:
        if key not in known:
            raise PlanError(f"{where}: {UnknownName('key', key, known)}")
    missing = [
        name for name, field in known.items()
        if name not in values and field.default is MISSING and field.default_factory is MISSING
    ]  # fmt: skip
    if missing:
        raise PlanError(f"{where} lacks {', '.join(missing)}")
    read = {name: _read(types_of[name], value, f"{where}.{name}") for name, value in values.items()}
    return kind(**read)


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in parts:
            return None
        return _read(next(part for part in parts if part is not type(None)), value, where)
    if origin is Literal:
        if value not in parts:
            raise PlanError(f"{where} is {_shown(value)}; known: {', '.join(map(str, parts))}")
        return value
    if origin is tuple:
        return _read_list(parts, value, where)
    if origin in (dict, Mapping):
        if not isinstance(value, dict):
            raise PlanError(f"{where} is {_shown(value)}, and should be an object")
        return value
    if is_dataclass(kind):
        return read_fields(typing.cast(Any, kind), value, where=where)
    if kind is float:
        return _number(value, where)
    if kind is Any:
        return value
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise PlanError(f"{where} is {_shown(value)}, and should be {_article(kind)}")
    return value


def _read_list(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise PlanError(f"{where} is {_shown(value)}, and should be a list")
    return tuple(_read(parts[0], part, f"{where}[{place}]") for place, part in enumerate(value))


def _number(value: Any, where: str) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanError(f"{where} is {_shown(value)}, and should be a number")
    return float(value)


def _article(kind: type) -> str:
    return {"str": "a text", "int": "a whole number", "bool": "true or false"}.get(kind.__name__, kind.__name__)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
