"""The few pieces of SVG that the charts are written in; everything that comes from outside is escaped here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from markupsafe import Markup, escape

from headstart.reports.names import clean

Attributes: TypeAlias = Mapping[str, str | float]


def element(tag: str, attributes: Attributes, *children: Markup | str) -> Markup:
    """One element. Plain strings among children and attribute values are escaped, `Markup` is taken as it is.

    >>> element("text", {"x": 3.0}, "a < b")
    Markup('<text x="3">a &lt; b</text>')
    """
    opening = Markup("").join(
        Markup(' {}="{}"').format(Markup(key), _value(value)) for key, value in attributes.items()
    )
    inside = Markup("").join(child if isinstance(child, Markup) else escape(clean(child)) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), opening, inside)


def chart(title: str, description: str, width: float, height: float, *children: Markup) -> Markup:
    """A whole drawing with the words that stand for it where it cannot be seen; it scales with its column."""
    attributes = {"class": "chart", "role": "img", "viewBox": f"0 0 {number(width)} {number(height)}"}
    return element("svg", attributes, element("title", {}, title), element("desc", {}, description), *children)


def line(x1: str | float, y1: str | float, x2: str | float, y2: str | float, style: str) -> Markup:
    return element("line", {"class": style, "x1": x1, "y1": y1, "x2": x2, "y2": y2})


def label(x: str | float, y: str | float, words: str, *, anchor: str = "middle", style: str = "tick") -> Markup:
    return element("text", {"class": style, "x": x, "y": y, "text-anchor": anchor}, words)


def number(value: float) -> str:
    """Two decimals at most, and no trailing zeros.

    >>> number(12.0), number(1 / 3), number(-0.001)
    ('12', '0.33', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(value: float) -> str:
    """A position as a percentage of the drawing's own width: it stretches while text keeps its size.

    >>> share(0.5)
    '50%'
    """
    return number(100 * value) + "%"


def _value(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else number(value)
