"""The comparison, put in order: what was transferred first, then the baselines it had to beat, best first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from headstart.reports.amounts import known
from headstart.reports.charts.intervals import interval_axis, interval_row, interval_scale
from headstart.strategies.findings import Entry, Findings


@dataclass(frozen=True)
class Row:
    """An entry with its row of the interval plot."""

    entry: Entry
    plot: Markup


@dataclass(frozen=True)
class Comparison:
    """Both groups on one axis."""

    axis: Markup
    candidates: tuple[Row, ...]
    baselines: tuple[Row, ...]


def compare(findings: Findings) -> Comparison:
    """The rows of the interval plot: the chosen interval shaded and scratch's value drawn through all of them."""
    scale = interval_scale([entry.held_out.interval for entry in findings.entries])
    chosen, scratch = chosen_entry(findings), findings.scratch

    def row(entry: Entry) -> Row:
        plot = interval_row(
            entry.held_out.interval,
            scale,
            name=entry.name,
            chosen=entry.chosen,
            null=entry.is_null,
            reference=chosen.held_out.interval if chosen else None,
            baseline=scratch.held_out.interval.value if scratch else None,
        )
        return Row(entry, plot)

    candidates, baselines = in_order(findings.entries)
    return Comparison(interval_axis(scale), tuple(map(row, candidates)), tuple(map(row, baselines)))


def in_order(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Candidates and null baselines, each by held-out accuracy, best first; what is not known comes last."""
    ranked = sorted(entries, key=_rank)
    return [entry for entry in ranked if not entry.is_null], [entry for entry in ranked if entry.is_null]


def chosen_entry(findings: Findings) -> Entry | None:
    """The kept entry; None where nothing was kept."""
    return next((entry for entry in findings.entries if entry.chosen), None)


def best_candidate(findings: Findings) -> Entry | None:
    """The best of what was transferred, by the folds of the training rows; None where nothing was."""
    candidates = [entry for entry in findings.entries if not entry.is_null and known(entry.validation.value)]
    return max(candidates, key=lambda entry: entry.validation.value, default=None)


def scored_by(findings: Findings) -> str:
    """What the accuracies were measured on, in two words."""
    tested = any(entry.test is not None for entry in findings.entries)
    return "held-out accuracy" if tested else "cross-validated accuracy"


def _rank(entry: Entry) -> float:
    value = entry.held_out.value
    return -value if known(value) else math.inf
