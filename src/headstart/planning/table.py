"""A plan as text: what is taken, the options, the cell, the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.planning.plan import Option, Plan
from headstart.results import Interval, fraction

MOST = 12  # options a person reads; the file holds all
WIDEST = 54


def plan_text(plan: Plan) -> str:
    """The plan for a terminal, at most about 120 columns."""
    taken = plan.option
    lines = [f"{plan.data}: {plan.n_labelled:,} labelled {plan.modality} samples of {plan.n_classes} classes", ""]
    lines += [f"Do this: {taken.name}", f"  {promise(taken)}"]
    lines += [f"  - {reason}" for reason in plan.reasons]
    header = ("strategy", "accuracy", "over scratch", "over target only", "P(worse)", "seconds", "memory", "evidence")
    shown = [*plan.options[:MOST], *([taken] if plan.chosen >= MOST else [])]
    lines += ["", *_table([header, *map(_row, shown)], [option is taken for option in shown])]
    if len(plan.options) > len(shown):
        lines.append(f"  … and {len(plan.options) - len(shown)} more in the plan's file")
    lines += [f"  {option.name}: {option.abstained}" for option in shown if option.abstained]
    lines += [f"  {option.name}: refused: {option.refused}" for option in plan.options if option.refused]
    if plan.cell is not None:
        lines += ["", *cell_lines(plan)]
    if plan.curve:
        lines += ["", curve_line(plan)]
    lines += [f"note: {note}" for note in plan.notes]
    return "\n".join(line.rstrip() for line in lines)


def promise(option: Option) -> str:
    """What may be expected of it, in a sentence."""
    if option.accuracy is None:
        return "No accuracy is foretold: every probe abstains."
    words = f"Foretold accuracy {option.accuracy}"
    gains = [("learning from scratch", option.over_scratch), ("the target alone", option.over_target_only)]
    told = [f"{_signed(gain)} points over {what}" for what, gain in gains if gain is not None]
    words += f"; {', '.join(told)}" if told else ""
    if option.p_negative == option.p_negative:
        words += f"; chance of negative transfer {_percent(option.p_negative)}"
    return f"{words}. About {option.seconds:.0f} s."


def cell_lines(plan: Plan) -> list[str]:
    """The lecture's matrix beside the measurement."""
    cell = plan.cell
    assert cell is not None
    agreement = "The measurement agrees" if cell.agrees else f"The measurement says otherwise: {cell.measured}"
    return [f"Size and similarity: {cell.name}. The lecture says: {cell.lecture}. {agreement}.",
            *(f"  - {words}" for words in cell.words)]  # fmt: skip


def curve_line(plan: Plan) -> str:
    """The learning curve of the leading frozen features in a line."""
    steps = [f"{point.n:,}: {fraction(point.accuracy.value)}" for point in plan.curve]
    if plan.beyond is not None:
        steps.append(f"{plan.beyond.n:,}: {fraction(plan.beyond.accuracy.value)} expected")
    return f"Accuracy by labels (frozen): {', '.join(steps)}"


def _row(option: Option) -> tuple[str, ...]:
    accuracy = "-" if option.accuracy is None else str(option.accuracy)
    gains = ("-" if gain is None else _signed(gain) for gain in (option.over_scratch, option.over_target_only))
    risk = "-" if option.p_negative != option.p_negative else _percent(option.p_negative)
    name = option.name if len(option.name) <= WIDEST else option.name[: WIDEST - 1] + "…"
    evidence = "refused" if option.refused else option.evidence or "abstains"
    return (name, accuracy, *gains, risk, f"{option.seconds:.0f}", _megabytes(option.memory), evidence)


def _table(rows: Sequence[Sequence[str]], chosen: Sequence[bool]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    marks = ["  ", *("* " if taken else "  " for taken in chosen)]
    lines = [
        mark + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for mark, row in zip(marks, rows, strict=True)
    ]
    return [lines[0], "  " + "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]]


def _signed(gain: Interval) -> str:
    return f"{100 * gain.value:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"


def _percent(share: float) -> str:
    return "<1 %" if share < 0.01 else ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def _megabytes(bytes: int) -> str:
    return f"{bytes / 1e6:,.0f} MB" if bytes >= 1e6 else "<1 MB"
