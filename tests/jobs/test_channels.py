"""Colour on one side, grey on the other."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.jobs.channels import coloured_share, doubt_about_colour


def pictures(count: int, *, colour: bool) -> list[np.ndarray]:
    rng = np.random.default_rng(count)
    shape = (20, 24, 3) if colour else (20, 24)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]


def test_grey_against_colour_is_doubted() -> None:
    assert "100% of the source's pictures are in colour, 0% of the target's" in doubt_about_colour(
        pictures(5, colour=True), pictures(7, colour=False)
    )
    assert doubt_about_colour(pictures(5, colour=True), pictures(7, colour=True)) == ""


def test_a_small_coloured_thing_on_white_is_colour() -> None:
    product = np.full((40, 40, 3), 255, dtype=np.uint8)
    product[15:20, 15:20] = (200, 30, 30)
    assert coloured_share([product]) == 1.0


def test_the_share_is_counted_over_the_whole_list() -> None:
    mixed = pictures(50, colour=True) + pictures(150, colour=False)
    assert coloured_share(mixed) == pytest.approx(0.25, abs=0.03)
    assert coloured_share([]) == 0.0
