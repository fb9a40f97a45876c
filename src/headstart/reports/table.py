"""The comparison as plain text for the terminal: aligned, at most 100 columns wide, drawn in ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.reports.amounts import UNKNOWN, known, size
from headstart.reports.comparison import chosen_entry, in_order, scored_by
from headstart.reports.names import cells, one_line, plain_ascii, shorten
from headstart.results import Interval, fraction
from headstart.strategies.findings import Entry, Findings

WIDTH = 100
GAP = "  "


def comparison_table(findings: Findings, *, ascii: bool = False) -> str:
    """All entries, best first, baselines below a rule, `*` before the chosen one, the verdict underneath.

    `ascii` also rewrites names and verdict for terminals without Unicode; the table itself never needs it.
    """
    candidates, baselines = in_order(findings.entries)
    header = ("model", scored_by(findings), "gain over scratch", "seconds", "size")
    body = [_row(entry) for entry in (*candidates, *baselines)]
    widths = _widths([header, *body])
    rule = "  " + "-" * (sum(widths) + len(GAP) * (len(widths) - 1))
    lines = ["  " + _aligned(header, widths), rule]
    lines += [_mark(entry) + _aligned(row, widths) for entry, row in zip(candidates, body, strict=False)]
    lines += [rule] if candidates and baselines else []
    lines += [
        _mark(entry) + _aligned(row, widths) for entry, row in zip(baselines, body[len(candidates) :], strict=True)
    ]
    lines += ["", *_wrapped(one_line(findings.verdict), WIDTH)]
    if chosen_entry(findings) is not None:
        lines.insert(-len(_wrapped(one_line(findings.verdict), WIDTH)) - 1, "  * chosen")
    text = "\n".join(line.rstrip() for line in lines)
    return "\n".join(map(plain_ascii, text.split("\n"))) if ascii else text


def with_notes(table: str, notes: Sequence[str], *, ascii: bool = False) -> str:
    """The table, and below it what a reader should know besides: what was left out, and why."""
    told = [f"note: {one_line(note)}" for note in notes]
    shown = map(plain_ascii, told) if ascii else told  # before they are wrapped: it may make them longer
    return "\n".join([table, *(line for note in shown for line in _wrapped(note, WIDTH))])


def signed(gain: Interval | None) -> str:
    """`+.291 [+.210, +.372]`; a dash where there is nothing to compare with."""
    if gain is None or not known(gain.value):
        return "-"
    return f"{_signed(gain.value)} [{_signed(gain.low)}, {_signed(gain.high)}]"


def _signed(value: float) -> str:
    return fraction(value).replace(UNKNOWN, "-") if not value > 0 else "+" + fraction(value)


def _row(entry: Entry) -> tuple[str, ...]:
    accuracy = str(entry.held_out.interval) if known(entry.held_out.value) else "-"
    cost = _seconds(entry.seconds), size(entry.bytes)
    return (one_line(entry.name), *(text.replace(UNKNOWN, "-") for text in (accuracy, signed(entry.gain), *cost)))


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f}" if known(seconds) else UNKNOWN


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """As wide as needed; the names give way so that the whole keeps within `WIDTH`."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    numbers = sum(widths[1:]) + len(GAP) * len(widths[1:])
    return [min(widths[0], WIDTH - len(GAP) - numbers), *widths[1:]]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    name = shorten(row[0], widths[0]).replace("…", "~")
    left = name + " " * (widths[0] - cells(name))
    accuracy = row[1] + " " * (widths[1] - len(row[1])) + GAP + row[2] + " " * (widths[2] - len(row[2]))
    return GAP.join([left, accuracy, row[3].rjust(widths[3]), row[4].rjust(widths[4])])


def _mark(entry: Entry) -> str:
    return "* " if entry.chosen else "  "


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if cells(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
