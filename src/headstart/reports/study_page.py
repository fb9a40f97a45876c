"""A study as one self-contained HTML page: the answer, Yosinski's plot, the numbers, the probes."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from headstart.reports.amounts import UNKNOWN, duration, percent, points
from headstart.reports.charts.intervals import interval_axis, interval_row, interval_scale
from headstart.reports.charts.learning_curve import series_mark
from headstart.reports.charts.transferability import CURVES, transferability_chart
from headstart.reports.names import clean
from headstart.reports.page import environment
from headstart.results import Interval
from headstart.strategies.transferability.findings import Cut, Study
from headstart.strategies.transferability.probes import Probe


def render(found: Study) -> str:
    """The page as text; nothing from the data reaches it unescaped."""
    return (
        environment()
        .get_template("study.html")
        .render(
            found=found,
            verdict=[clean(sentence) for sentence in found.verdict],
            plot=transferability_chart(found.base, found.cuts) if found.base and found.cuts else None,
            legend=[(series_mark(index), name) for index, name in enumerate(CURVES)],
            base=_share(found.base) if found.base else UNKNOWN,
            cuts=[_cut(cut) for cut in found.cuts],
            probes=_probes(found),
            took=duration(found.seconds),
        )
    )


def _cut(cut: Cut) -> dict[str, str]:
    return {
        "layer": clean(cut.layer),
        "levels": " · ".join(
            percent(one.value) for one in (cut.selffer, cut.selffer_tuned, cut.transfer, cut.transfer_tuned)
        ),
        "co_adaptation": _points(cut.co_adaptation),
        "specialisation": _points(cut.specialisation),
        "gain": _points(cut.gain),
    }


def _probes(found: Study) -> dict[str, Any]:
    shown = [one for probe in found.probes for one in (probe.accuracy, probe.untrained) if one]
    if not shown:
        return {"rows": [], "axis": Markup("")}
    scale = interval_scale(shown)

    def row(probe: Probe) -> dict[str, Any]:
        baseline = probe.untrained.value if probe.untrained else None
        drawn = interval_row(probe.accuracy, scale, name=clean(probe.layer), baseline=baseline)
        return {
            "layer": clean(probe.layer), "width": probe.width, "plot": drawn, "accuracy": _share(probe.accuracy),
            "untrained": _share(probe.untrained) if probe.untrained else UNKNOWN,
        }  # fmt: skip

    return {"rows": [row(probe) for probe in found.probes], "axis": interval_axis(scale)}


def _share(interval: Interval) -> str:
    return f"{percent(interval.value)} [{percent(interval.low)}, {percent(interval.high)}]"


def _points(difference: Interval) -> str:
    return f"{points(difference.value)} [{points(difference.low)}, {points(difference.high)}]"
