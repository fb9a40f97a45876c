"""One root catches all, each error is also the builtin one a caller would expect, and the drawing is true."""

from __future__ import annotations

import inspect

import pytest

from headstart import errors

OWN = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.HeadstartError)]


def test_the_drawing_shows_every_error() -> None:
    assert errors.__doc__ is not None
    drawn = {line.strip("│├└─ ").split()[0] for line in errors.__doc__.splitlines() if "──" in line}
    assert drawn | {"HeadstartError"} == {kind.__name__ for kind in OWN}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(errors.DataError, ValueError), (errors.UnknownName, ValueError), (errors.MissingExtra, ImportError)],
)
def test_callers_who_do_not_know_us_can_catch_them(kind: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)
    assert issubclass(kind, errors.HeadstartError)


@pytest.mark.parametrize(
    ("given", "known", "said"),
    [
        ("rigde", ["lda", "ridge"], "Unknown head 'rigde'. Did you mean 'ridge'? Known: lda, ridge."),
        ("zzz", ["ridge", "lda"], "Unknown head 'zzz'. Known: lda, ridge."),
        ("ridge", [], "Unknown head 'ridge'. Known: none."),
    ],
)
def test_an_unknown_name_offers_the_nearest_only_if_there_is_one(given: str, known: list[str], said: str) -> None:
    assert str(errors.UnknownName("head", given, known)) == said
