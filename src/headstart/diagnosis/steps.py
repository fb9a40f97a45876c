"""What to measure next: the cheapest thing that would settle each open question."""

from __future__ import annotations

from headstart.diagnosis.conditionals import LEAST_ROWS, NO_OVERLAP, ROWS_PER_COLUMN
from headstart.diagnosis.findings import Condition, LabelFindings
from headstart.diagnosis.harm import Harm


def next_steps(
    conditions: tuple[Condition, ...], labels: LabelFindings, harm: Harm | None, labelled: tuple[int, int]
) -> tuple[str, ...]:
    answer = {condition.name: condition.answer for condition in conditions}
    why = next(condition.reason for condition in conditions if condition.name == "P(Y|X)")
    found = []
    if labelled[0] == 0:
        found.append("label source rows, or name a source model: without answers only a representation can move")
    if answer["P(Y|X)"] == "unknown" and labelled[1] < LEAST_ROWS:
        found.append(f"label {LEAST_ROWS - labelled[1]} or more target rows, drawn at random: without any, P(Y|X) "
                     "cannot be known")  # fmt: skip
    elif answer["P(Y|X)"] == "unknown" and len(labels.shared) < 2:
        found.append("P(Y|X) takes two classes that both sides have: check how their names correspond")
    elif answer["P(Y|X)"] == "unknown" and why.startswith(NO_OVERLAP):
        found.append(
            "source rows that look like the target's: where no rows of both sides meet, labels cannot be compared"
        )
    elif answer["P(Y|X)"] == "unknown":
        found.append(f"more labelled rows on both sides (about {ROWS_PER_COLUMN} per feature) would settle P(Y|X)")
    if answer["P(X)"] == "unknown":
        found.append("more rows of the smaller side would settle P(X)")
    if labels.map is not None and labels.map.pairs:
        pairs = ", ".join(f"{a} = {b} ({share:.0%})" for a, b, share in labels.map.pairs[:5])
        found.append(f"check whether these classes mean the same: {pairs}")
    if harm and harm.gain and harm.gain.high < 0:
        found.append("leave the source out: its rows make the target's own head worse")
    if not found:
        found.append("run `headstart transfer TARGET --from SOURCE`: it measures candidates against these baselines")
    return tuple(found)
