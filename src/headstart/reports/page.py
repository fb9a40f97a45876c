"""The report: one self-contained HTML page, readable without a network, without scripts, in the dark, on a phone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from headstart.reports import amounts
from headstart.reports.charts.abstain import abstain_curve, measured, milestones
from headstart.reports.charts.confusion import confusion_matrix, numbered
from headstart.reports.charts.learning_curve import MOST_SERIES, curve_table, learning_curve, series_mark
from headstart.reports.charts.reliability import reliability_diagram
from headstart.reports.charts.training_curve import training_curve
from headstart.reports.class_table import class_table, hardest
from headstart.reports.comparison import best_candidate, chosen_entry, compare, scored_by
from headstart.reports.confusions import KEPT_CLASSES, MOST_CLASSES, most_confused
from headstart.reports.names import clean, shorten
from headstart.reports.repeating import as_text
from headstart.results import Interval
from headstart.strategies.findings import Findings

MOST_REJECTS = 200
MOST_DUPLICATES = 100
MOST_MISTAKES = 48
MOST_CLASS_ROWS = 30
HARDEST = 15

# Only encoded pixels: a thumbnail that points anywhere, or that could hold markup, is not shown.
_PIXELS = re.compile(r"data:image/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")


def render(findings: Findings) -> str:
    """The page as text. Nothing from the data reaches it unescaped; thumbnails are the only pictures.

    Anything missing (no held-out rows, no probabilities, no mistakes, unknown numbers) leaves out its part or shows
    a dash: a long run never ends in a report that fails.
    """
    return environment().get_template("report.html").render(_parts(findings))


def write(findings: Findings, path: str | Path) -> Path:
    """Write the page to `path` (UTF-8) and return it."""
    path = Path(path)
    path.write_text(render(findings), encoding="utf-8")
    return path


def _parts(findings: Findings) -> dict[str, Any]:
    chosen = chosen_entry(findings)
    compared = chosen if chosen is None or chosen.gain else best_candidate(findings)
    gain = compared.gain if compared else None
    return {
        "findings": findings,
        "chosen": chosen,
        "compared": compared,
        "gain": gain,
        "outcome": outcome(gain, baseline_kept=chosen is not None and chosen.is_null),
        "scored_by": scored_by(findings),
        "comparison": compare(findings),
        **_curves(findings),
        "trainings": [(training, training_curve(training)) for training in findings.trainings],
        "training_marks": (series_mark(0), series_mark(1)),
        **_classes(findings),
        **_confidence(findings),
        **_errors(findings),
        "level": chosen.held_out.interval.level if chosen else 0.95,
        "noun": amounts.noun_of(findings.modality),
        "split": split_words(findings),
        "rejects": findings.rejects[:MOST_REJECTS],
        "reject_reasons": Counter(reason for _, reason in findings.rejects).most_common(8),
        "duplicates": findings.duplicates[:MOST_DUPLICATES],
        "phases": [(name, seconds) for name, seconds in findings.costs.items() if amounts.known(seconds)],
        "repeat": as_text(findings.repeat),
        "certificate": "" if findings.certificate is None else clean(str(findings.certificate)),
    }


def outcome(gain: Interval | None, *, baseline_kept: bool = False) -> tuple[str, str]:
    """What the gain says, as (style, words): colour is never the only sign."""
    if baseline_kept:
        return "caution", "transfer does not help here"
    if gain is None:
        return "plain", "no baseline to compare with"
    if not (amounts.known(gain.low) and amounts.known(gain.high)):
        return "plain", "not known how certain"
    if gain.low > 0:
        return "good", "clearly better than from scratch"
    if gain.high < 0:
        return "bad", "clearly worse than from scratch"
    return "caution", "no clear difference from scratch"


def safe_thumbnail(uri: str) -> str:
    """The data URI if it holds nothing but encoded pixels, else ""."""
    return uri if _PIXELS.fullmatch(uri) else ""


def split_words(findings: Findings) -> str:
    """Which samples were learned from and which were held out, and who decided that."""
    learned, held = amounts.count(findings.n_train), amounts.count(findings.n_test)
    if findings.split == "cross-validation":
        return f"too few to hold any out: repeated cross-validation over all {learned}"
    origin = {"given": "as the data came", "held out": "drawn at random within each class"}
    return f"{learned} to learn from, {held} held out, {origin.get(findings.split, findings.split)}"


def _curves(findings: Findings) -> dict[str, Any]:
    names = list(findings.curves)
    legend = [(series_mark(index), name) for index, name in enumerate(names[:MOST_SERIES])]
    return {
        "curve": learning_curve(findings.curves) if names else Markup(""),
        "curve_legend": legend,
        "curve_rows": curve_table({name: findings.curves[name] for name in names[:MOST_SERIES]}),
        "curves_hidden": max(0, len(names) - MOST_SERIES),
    }


def _classes(findings: Findings) -> dict[str, Any]:
    rows = class_table(findings)
    matrix: Sequence[Sequence[int]] = findings.confusion
    many = len(rows) > MOST_CLASS_ROWS
    return {
        "class_rows_all": rows,
        "class_rows_shown": hardest(rows, HARDEST) if many else rows,
        "most_labelled": max((row.labelled for row in rows), default=0),
        "many_classes": many,
        "confusion": confusion_matrix(matrix, findings.classes) if matrix else Markup(""),
        "numbered": numbered(matrix, findings.classes) if matrix else (),
        "kept_classes": KEPT_CLASSES if len(rows) > MOST_CLASSES else 0,
        "confused": most_confused(matrix, findings.classes) if matrix else [],
    }


def _errors(findings: Findings) -> dict[str, Any]:
    shown = [(mistake, safe_thumbnail(mistake.thumbnail)) for mistake in findings.mistakes[:MOST_MISTAKES]]
    return {"mistakes": shown, "pictures": any(thumbnail for _, thumbnail in shown)}


def _confidence(findings: Findings) -> dict[str, Any]:
    points = measured(findings.abstain)
    return {
        "reliability": reliability_diagram(findings.reliability) if findings.reliability else Markup(""),
        "abstain": abstain_curve(points) if points else Markup(""),
        "abstain_rows": milestones(points),
    }


@cache
def environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("headstart", "reports/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        count=amounts.count, counted=amounts.counted, decimal=amounts.decimal, duration=amounts.duration,
        moment=amounts.moment, percent=amounts.percent, points=amounts.points, shorten=shorten, size=amounts.size,
    )  # fmt: skip
    environment.tests["known"] = amounts.known
    return environment


def _shown(value: Any) -> Any:
    """What any expression of the template may print: clean text, and a dash for what is unknown."""
    if isinstance(value, Markup):
        return value
    if value is None or (isinstance(value, float) and not amounts.known(value)):
        return amounts.UNKNOWN
    return clean(value) if isinstance(value, str) else value
