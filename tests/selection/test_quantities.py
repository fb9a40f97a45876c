"""Amounts as people write them."""

from __future__ import annotations

import pytest

from headstart.errors import DataError
from headstart.selection.quantities import bytes_of, count_of, seconds_of


@pytest.mark.parametrize(("text", "expected"), [("90s", 90.0), ("1.5m", 90.0), ("2h", 7200.0), ("7", 7.0), (3, 3.0)])
def test_times(text: str | float, expected: float) -> None:
    assert seconds_of(text) == expected


def test_numbers_and_memory() -> None:
    assert count_of(" 1.5 M ") == 1_500_000 and count_of(25e6) == 25_000_000
    assert bytes_of("1 KiB") == 1024 and bytes_of("1kb") == 1000


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (seconds_of, "soon", "no duration"), (seconds_of, "10 parsecs", "no duration"), (seconds_of, "-3s", "90s"),
        (count_of, "many", "no number of weights"), (count_of, "5ms", "25M"), (bytes_of, "5 pages", "100MB"),
    ],
)  # fmt: skip
def test_nonsense_says_what_to_write(read: object, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(text)  # type: ignore[operator]
