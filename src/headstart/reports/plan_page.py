"""A plan as one self-contained HTML page: what to do, what it rests on, the pictures."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from headstart.planning.plan import Option, Plan
from headstart.planning.table import cell_lines, promise
from headstart.reports.charts.gain_cost import gain_cost
from headstart.reports.charts.intervals import interval_axis, interval_row, interval_scale
from headstart.reports.charts.layer_profile import layer_profile, series_of
from headstart.reports.charts.learning_curve import curve_table, learning_curve, series_mark
from headstart.reports.names import clean
from headstart.reports.page import environment

MOST = 30  # options drawn


@dataclass(frozen=True)
class Row:
    """One option and its drawing."""

    option: Option
    plot: Markup
    chosen: bool


def render(plan: Plan) -> str:
    """The page as text; nothing from the data reaches it unescaped."""
    known = [option for option in plan.options if option.accuracy is not None and not option.refused][:MOST]
    curves = {"frozen features": list(plan.curve)} if plan.curve else {}
    if plan.beyond is not None:
        curves["expected"] = [plan.curve[-1], plan.beyond]
    return (
        environment()
        .get_template("plan.html")
        .render(
            plan=plan,
            title=clean(plan.data),
            promise=promise(plan.option),
            reasons=[clean(reason) for reason in plan.reasons],
            rows=_rows(plan, known),
            axis=_axis(known),
            silent=[option for option in plan.options if option.accuracy is None and not option.refused],
            refused=[option for option in plan.options if option.refused],
            cell=cell_lines(plan) if plan.cell else [],
            profile=layer_profile(plan.profile) if plan.profile else None,
            profile_legend=[(series_mark(index), clean(name)) for index, name in enumerate(series_of(plan.profile))],
            profile_rows=plan.profile,
            curve=learning_curve(curves) if curves else None,
            curve_legend=[(series_mark(index), name) for index, name in enumerate(curves)],
            curve_rows=curve_table(curves),
            gain=gain_cost(known, plan.option) if known else None,
            notes=[clean(note) for note in plan.notes],
        )
    )


def _rows(plan: Plan, known: list[Option]) -> list[Row]:
    if not known:
        return []
    scale = interval_scale([option.accuracy for option in known if option.accuracy])
    scratch = next((o.accuracy.value for o in plan.options if o.strategy == "scratch" and o.accuracy), None)
    rows = []
    for option in known:
        assert option.accuracy is not None
        chosen = option is plan.option
        plot = interval_row(
            option.accuracy, scale, name=option.name, chosen=chosen, null=option.strategy in ("scratch", "target only"),
            reference=plan.option.accuracy, baseline=scratch,
        )  # fmt: skip
        rows.append(Row(option, plot, chosen))
    return rows


def _axis(known: list[Option]) -> Markup:
    return interval_axis(interval_scale([option.accuracy for option in known if option.accuracy]))
