"""A method by its name, with options where they are asked for: `open_set?inner=coral`, `tca?mu=10&components=20`."""

from __future__ import annotations

import json
from typing import Any

from headstart.adaptation import ADAPTERS
from headstart.adaptation.adapter import Adapter
from headstart.errors import DataError, UnknownName

ELSEWHERE = ("head", "classifier", "seed", "progress")  # no text names them, or a job is told beside the method


def method_named(name: str) -> Adapter:
    """The method, unfitted.

    >>> method_named("open_set?inner=coral")
    OpenSet(inner='coral')

    Raises `UnknownName` for a method or an option that there is not, `DataError` for a value of another kind than the
    option's own.
    """
    method, _, query = name.partition("?")
    adapter: Adapter = ADAPTERS[method]()
    options = [option.partition("=") for option in query.split("&")] if query else []
    known = {option: value for option, value in adapter.get_params(deep=False).items() if option not in ELSEWHERE}
    for option, mark, text in options:
        if not mark:
            raise DataError(f"cannot read the options in '{name}'; write them as {method}?option=value&other=value")
        if option not in known:
            raise UnknownName(f"option of {method}", option, known)
        adapter.set_params(**{option: _typed(text, known[option], f"{method}?{option}")})
    return adapter


def _typed(text: str, usual: Any, option: str) -> Any:
    """The value as JSON reads it, as text where it does not; of the usual one's kind where that has one."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    value = tuple(value) if isinstance(value, list) else value
    numbers = isinstance(usual, int | float) and not isinstance(usual, bool)
    fits = isinstance(value, int | float) and not isinstance(value, bool) if numbers else isinstance(value, type(usual))
    if usual is not None and not fits:
        raise DataError(f"{option} is {usual!r} by default, a {type(usual).__name__}; '{text}' is none")
    return value
