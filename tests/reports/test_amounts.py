"""Numbers as words: signs always shown, units that carry over, dashes for what is not known."""

from __future__ import annotations

import pytest

from headstart.reports.amounts import count, counted, decimal, duration, known, moment, noun_of, percent, points, size

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize("words", [percent, points, duration, size, decimal])
@pytest.mark.parametrize("value", [None, NAN, INFINITE])
def test_the_unknown_is_a_dash(words, value: float | None) -> None:
    assert words(value) == "–" and not known(value)


@pytest.mark.parametrize(
    ("value", "words"), [(0.948, "94.8"), (1, "100"), (0, "0"), (0.9996, "100.0"), (-0.02, "−2.0")]
)
def test_percent(value: float, words: str) -> None:
    assert percent(value) == words


@pytest.mark.parametrize(("value", "words"), [(0.291, "+29.1"), (-0.291, "−29.1"), (0.0, "±0.0"), (-0.0001, "±0.0")])
def test_points_carry_their_sign(value: float, words: str) -> None:
    assert points(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.05, "< 0.1 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"),
     (3599.9, "1 h 0 min"), (90061, "25 h 1 min"), (-1, "–")],
)  # fmt: skip
def test_duration_carries_over(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [(1, "1 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (5e12, "5.0 TB"), (-1, "–")],
)
def test_size_carries_over(amount: float, words: str) -> None:
    assert size(amount) == words


def test_counting() -> None:
    assert (count(1234567), counted(1, "row"), counted(0, "class", "classes")) == ("1,234,567", "1 row", "0 classes")


def test_moments_and_what_is_none() -> None:
    assert moment("2026-12-31T23:59:59+00:00") == "31 December 2026, 23:59 UTC"
    assert moment("2026-01-02") == "2 January 2026, 00:00"
    assert moment("<b>") == "<b>"


def test_an_unknown_modality_still_has_a_noun() -> None:
    assert noun_of("smell") == "sample"
