"""Both themes (and print) keep the contrast that WCAG 2.2 AA asks for."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import headstart.reports
from headstart.reports.charts.confusion import INVERSE_ABOVE, shade

CSS = (Path(headstart.reports.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
LIGHT, DARK, PRINT = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)
)
THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT}


def rgb(colour: str) -> np.ndarray:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return np.array([int(digits[at : at + 2], 16) for at in (0, 2, 4)]) / 255


def luminance(colour: np.ndarray) -> float:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first: np.ndarray, second: np.ndarray) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast(rgb("#000"), rgb("#ffffff")) == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    colours = THEMES[theme]
    texts, grounds = ("ink", "muted", "accent", "warm", "good", "caution"), ("paper", "panel")
    for text, ground in product(texts, grounds):
        assert contrast(rgb(colours[text]), rgb(colours[ground])) >= 4.5, (text, ground)
    assert contrast(rgb(colours["paper"]), rgb(colours["accent"])) >= 4.5  # the pill


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_markers_can_be_seen(theme: str) -> None:
    colours = THEMES[theme]
    drawn = [name for name in colours if name.startswith("series-")] + ["accent", "warm", "muted"]
    assert len(drawn) == 9
    for name, ground in product(drawn, ("paper", "accent-soft")):
        assert contrast(rgb(colours[name]), rgb(colours[ground])) >= 3, (name, ground)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", ["accent", "warm"])
def test_counts_can_be_read_on_every_shade_of_a_cell(theme: str, kind: str) -> None:
    colours = {name: rgb(colour) for name, colour in THEMES[theme].items()}
    for part in np.linspace(0, 1, 101):
        opacity = shade(float(part))
        cell = opacity * colours[kind] + (1 - opacity) * colours["panel"]
        text = colours["paper" if opacity > INVERSE_ABOVE else "ink"]
        assert contrast(text, cell) >= 4.5, (part, contrast(text, cell))


def test_a_larger_share_is_never_lighter() -> None:
    shades = [shade(part) for part in np.linspace(0, 1, 101)]
    assert shades == sorted(shades)
    assert shades[0] > 0 and shades[-1] == pytest.approx(1)
