"""A ranking as one self-contained HTML page: who leads, how far the others are behind, and the layer profiles."""

from __future__ import annotations

import math
from typing import Any

from headstart.planning.plan import LayerPoint
from headstart.reports.amounts import UNKNOWN, percent
from headstart.reports.charts.intervals import interval_axis, interval_row, interval_scale
from headstart.reports.charts.layer_profile import layer_profile
from headstart.reports.names import clean
from headstart.reports.page import environment
from headstart.results import Interval, fraction
from headstart.selection import METRICS
from headstart.selection.ranking import Place, Ranking, short

ONE_SE = 0.683  # what one standard error either way covers


def render(found: Ranking) -> str:
    """The page as text; nothing from the data reaches it unescaped."""
    in_accuracy = found.by == "kit" or (found.by in METRICS and METRICS[found.by].in_accuracy_units)
    judged = [place.predicted for place in found.places if place.predicted is not None]
    scale = interval_scale(judged) if judged and in_accuracy else None
    names = sorted({name for place in found.places for name in place.scores})
    return (
        environment()
        .get_template("ranking.html")
        .render(
            found=found,
            title=clean(found.title or "data"),
            axis=interval_axis(scale) if scale else None,
            rows=[_row(place, scale) for place in found.places],
            names=names,
            scores=[(clean(place.short), place.n, [_score(place, name) for name in names]) for place in found.places],
            profiles=layer_profile(_points(found)) if found.profiles and in_accuracy else None,
            skipped=[(clean(short(name)), clean(reason)) for name, reason in found.skipped.items()],
            notes=[clean(note) for note in found.notes],
        )
    )  # fmt: skip


def _points(found: Ranking) -> list[LayerPoint]:
    """The profiles with one standard error either way."""
    return [
        LayerPoint(
            backbone=short(name), layer=layer, accuracy=Interval(value, value - se, value + se, ONE_SE), r2=math.nan
        )
        for name, points in found.profiles.items() for layer, value, se in points
    ]  # fmt: skip


def _row(place: Place, scale: Any) -> dict[str, Any]:
    predicted = place.predicted
    plot = ""
    if scale is not None and predicted is not None:
        plot = interval_row(predicted, scale, name=place.short, chosen=place.leader)
    return {
        "name": clean(place.short), "leader": place.leader, "plot": plot,
        "value": UNKNOWN if predicted is None else percent(predicted.value) if scale else f"{predicted.value:.3g}",
        "range": "" if predicted is None
        else f"[{percent(predicted.low)}, {percent(predicted.high)}]" if scale
        else f"[{predicted.low:.3g}, {predicted.high:.3g}]",
        "chance": fraction(place.p_best, 2) if predicted is not None else UNKNOWN,
        "strength": UNKNOWN if place.strength is None else f"{place.strength:+.1f}",
        "params": f"{place.size.params / 1e6:.1f}" if place.size.params else UNKNOWN,
        "license": clean(place.license), "dropped": clean(place.dropped),
    }  # fmt: skip


def _score(place: Place, name: str) -> str:
    value = place.scores.get(name)
    return UNKNOWN if value is None else f"{value:.3f}"
