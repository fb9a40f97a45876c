"""A diagnosis as one self-contained HTML page: the four conditions, the picture, the setting, the numbers."""

from __future__ import annotations

import re
from typing import Any

from headstart.diagnosis.findings import Condition, Diagnosis, Example, p_text
from headstart.reports.amounts import percent, points
from headstart.reports.charts.domains import domains_chart, telling_chart
from headstart.reports.names import clean
from headstart.reports.page import environment
from headstart.results import Interval, fraction

WORDS = {
    "X": "X: the features", "P(X)": "P(X): where rows fall", "Y": "Y: the classes",
    "P(Y)": "P(Y): class shares", "P(Y|X)": "P(Y|X): labels at the same x",
}  # fmt: skip
# Only encoded pixels: a thumbnail that points anywhere, or that could hold markup, is not shown.
_PIXELS = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/]+={0,2}")


def render(found: Diagnosis) -> str:
    """The page as text; nothing from the data reaches it unescaped."""
    picture = found.picture
    return (
        environment()
        .get_template("diagnosis.html")
        .render(
            found=found,
            verdict=verdict(found),
            rows=[{**_row(one), "inner": one is found.shares} for one in found.rows_of_table],
            loss=None if found.harm is None else _points(found.harm.loss),
            loss_unknown="needs labels on both sides",
            picture=domains_chart(picture, (found.source, found.target)) if picture else None,
            telling=telling_chart(picture.telling) if picture and picture.telling else None,
            examples=[tuple(_safe(side) for side in pair) for pair in picture.examples] if picture else [],
            distances=_distances(found),
            curve=found.more_labels,
            costs=[clean(line) for line in (*found.loss_lines(), *filter(None, found.share_lines()))],
        )
    )


def verdict(found: Diagnosis) -> str:
    """The answer in a sentence or two."""
    differing, open_ones = found.differing, [c.name for c in found.conditions if c.answer == "unknown"]
    if differing:
        first = f"{_and(differing)} differ{'s' if len(differing) == 1 else ''}"
    else:
        first = "No difference was shown"
    answer = f"{first}; {_and(open_ones)} cannot be told." if open_ones else f"{first}."
    return f"{answer} {cost}" if (cost := _cost(found)) else answer


def _cost(found: Diagnosis) -> str:
    """What it means for the source's head, where that is known."""
    harm = found.harm
    if harm is None:
        return ""
    if harm.within(found.margin, alpha=found.alpha):
        return f"The source's head loses less than {percent(found.margin, 0)} points."
    if harm.loss.low > 0:
        return f"The source's head loses {percent(harm.loss.value)} points."
    return "What the source's head loses is not settled."


def _and(names: Any) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else str(last)


def _row(condition: Condition) -> dict[str, str]:
    effect = condition.effect
    shown = "–" if effect is None else fraction(effect.value) if effect.low != effect.low else str(effect)
    harm = None if condition.harm is None else _points(condition.harm)
    return {
        "words": WORDS[condition.name], "answer": condition.answer, "reason": condition.reason,
        "p": p_text(condition.p), "effect": f"{condition.effect_name} {shown}".strip(),
        "harm": f"{harm['value']} {harm['range']}" if harm else "–",
    }  # fmt: skip


def _points(loss: Interval) -> dict[str, str]:
    """An accuracy lost, in points."""
    return {"value": points(-loss.value), "range": f"[{points(-loss.high)}, {points(-loss.low)}]"}


def _distances(found: Diagnosis) -> list[tuple[str, str, str, str]]:
    if found.marginals is None:
        return []
    marginals = found.marginals
    rows = [
        ("domain AUC", str(marginals.auc), ".500", "how well a classifier tells the sides apart; .5 cannot, 1 always"),
        ("proxy A-distance", f"{marginals.proxy_a_distance:.2f}", "0", "the same from 0 to 2"),
        ("rows left after re-weighting", percent(marginals.effective_share, 0) + " %", "100 %",
         "share of source rows that count once weighted to look like the target; below 5 % re-weighting is hopeless"),
        ("outside the support", str(marginals.outside), ".010", "target rows farther out than 99 % of the source"),
    ]  # fmt: skip
    return rows + [
        (one.name, str(one.interval), fraction(one.between_halves), one.meaning) for one in marginals.distances
    ]


def _safe(example: Example) -> Example:
    thumbnail = example.thumbnail if _PIXELS.fullmatch(example.thumbnail) else ""
    return Example(clean(example.id), clean(example.excerpt), thumbnail)
