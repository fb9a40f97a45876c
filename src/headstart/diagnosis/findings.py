"""All that a diagnosis found out, as plain values; printing it shows the four conditions and what they make."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from headstart.diagnosis.conditionals import Conditionals
from headstart.diagnosis.distance import Effect
from headstart.diagnosis.foretelling import Expected
from headstart.diagnosis.harm import Harm
from headstart.diagnosis.labels import ClassMap, Priors
from headstart.diagnosis.omnibus import Omnibus
from headstart.diagnosis.schema import Schema
from headstart.problem import LabelSets, Setting
from headstart.results import Interval, fraction, to_plain

Answer: TypeAlias = Literal["same", "differs", "unknown"]
CONDITIONS = ("X", "P(X)", "Y", "P(Y|X)")
FAR = 0.05  # effective share of source rows
MOST_SHARES = 5


@dataclass(frozen=True)
class Condition:
    """One of the four: its answer with the evidence.

    p       adjusted for asking several questions (Bonferroni); NaN where nothing was tested
    effect  one number on the difference, named; harm: accuracy it costs
    """

    name: str
    answer: Answer
    reason: str
    p: float = float("nan")
    effect_name: str = ""
    effect: Interval | None = None
    harm: Interval | None = None


@dataclass(frozen=True)
class Marginals:
    """P(X): the test and the distances."""

    test: Omnibus
    auc: Interval
    proxy_a_distance: float
    effective_share: float
    outside: Interval
    distances: tuple[Effect, ...]


@dataclass(frozen=True)
class LabelFindings:
    """Y and P(Y).

    absence      p of "the classes that one side lacks are only missing by chance" (smallest, times their number)
    shift_alone  p of "only the class shares differ", NaN where that cannot be tested
    """

    sets: LabelSets
    shared: tuple[str, ...]
    only_source: tuple[str, ...]
    only_target: tuple[str, ...]
    absence: float = 0.0
    map: ClassMap | None = None
    priors: Priors | None = None
    shift_alone: float = float("nan")


@dataclass(frozen=True)
class Family:
    """A family of methods and whether it applies; `methods` are the adapters that declare themselves fit for it."""

    name: str
    applies: bool
    why: str
    methods: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" ({', '.join(self.methods)})" if self.methods else ""
        return f"{'use ' if self.applies else 'not '} {self.name}: {self.why}{named}"


@dataclass(frozen=True)
class MorePoint:
    """Accuracy with `n` labels of the target: its own alone, and with the source's added; `seen` or extrapolated."""

    n: int
    alone: Interval
    with_source: Interval
    seen: bool


@dataclass(frozen=True)
class Example:
    """A row as a person sees it: its name, the start of a text or of a vector, or a small picture as a data URI."""

    id: str
    excerpt: str = ""
    thumbnail: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """Places of sampled rows in the first two shared components, and what tells the sides apart best.

    pairs     row numbers: target rows that look least like the source, and the source row nearest to each
    examples  the same as a person sees them
    """

    source: tuple[tuple[float, float], ...]
    target: tuple[tuple[float, float], ...]
    arrows: tuple[tuple[str, float, float, float, float], ...]  # class, from (source mean) to (target mean)
    telling: tuple[tuple[str, float], ...]  # column, how many spreads the target's mean lies higher
    pairs: tuple[tuple[int, int], ...] = ()
    examples: tuple[tuple[Example, Example], ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagnosis:
    """How two problems differ, what it costs, and what setting that makes."""

    source: str
    target: str
    rows: tuple[int, int]
    labelled: tuple[int, int]
    conditions: tuple[Condition, ...]
    shares: Condition | None = None  # P(Y): no condition of its own, see `shares_of`
    setting: Setting
    families: tuple[Family, ...]
    next_steps: tuple[str, ...]
    schema: Schema
    marginals: Marginals | None = None
    labels: LabelFindings | None = None
    conditionals: Conditionals | None = None
    harm: Harm | None = None
    expected: Expected | None = None
    more_labels: tuple[MorePoint, ...] = ()
    picture: Picture | None = None
    notes: tuple[str, ...] = ()
    alpha: float = 0.05
    margin: float = 0.05
    seconds: float = 0.0
    backbone: str = ""
    origin: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Condition:
        return next(condition for condition in self.rows_of_table if condition.name == name)

    @property
    def rows_of_table(self) -> tuple[Condition, ...]:
        """The four conditions, with the class shares after the classes where they are known."""
        first, rest = self.conditions[:3], self.conditions[3:]
        return (*first, self.shares, *rest) if self.shares else self.conditions

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of the conditions that differ."""
        return tuple(condition.name for condition in self.conditions if condition.answer == "differs")

    @property
    def report(self) -> str:
        """One self-contained HTML page."""
        from importlib import import_module  # a higher floor: fetched when asked for, never needed

        page: str = import_module("headstart.reports.diagnosis_page").render(self)
        return page

    def to_dict(self) -> dict[str, Any]:
        """Everything but the picture's points, for machines."""
        plain = {key: to_plain(value) for key, value in vars(self).items() if key != "picture"}
        if self.picture:
            plain["telling"] = to_plain(self.picture.telling)
            plain["examples"] = [[side.id for side in pair] for pair in self.picture.examples]
        return {**plain, "differing": list(self.differing), "setting_name": self.setting.name}

    def __str__(self) -> str:
        lines = [f"{self.source} -> {self.target}   ({self.rows[0]} and {self.rows[1]} rows, "
                 f"{self.labelled[0]} and {self.labelled[1]} labelled)", "", *self._table(), ""]  # fmt: skip
        lines += [*self.share_lines(), f"setting: {self.setting}", "", *self.cost_lines()]
        lines += [str(family) for family in self.families]
        lines += ["", *(f"next: {step}" for step in self.next_steps)]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__

    def _table(self) -> list[str]:
        rows = [("condition", "answer", "p", "effect", "harm")]
        for one in self.rows_of_table:
            effect = f"{one.effect_name} {_value(one.effect)}" if one.effect else "–"
            name = f"  {one.name}" if one is self.shares else one.name
            rows.append((name, one.answer, p_text(one.p), effect, _value(one.harm) if one.harm else "–"))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return [*table, "", *(f"{one.name}: {one.reason}" for one in self.rows_of_table)]

    def share_lines(self) -> list[str]:
        """Shares of the classes that moved most, source to target; for estimates how far they can be trusted."""
        priors = self.labels.priors if self.labels else None
        if priors is None or self.shares is None:
            return []
        moved = sorted(range(len(priors.classes)), key=lambda code: -abs(priors.target[code] - priors.source[code]))
        shown = [f"{priors.classes[code]} {fraction(priors.source[code], 2)} > {fraction(priors.target[code], 2)}"
                 for code in moved[:MOST_SHARES]]  # fmt: skip
        lines = [f"class shares, {priors.how}: {', '.join(shown)}{', ...' * (len(moved) > MOST_SHARES)}"]
        if priors.bbse:
            second = max(abs(a - b) for a, b in zip(priors.bbse, priors.target, strict=True))
            lines.append(f"  by EM; BBSE differs by {fraction(second, 2)} at most; condition of the confusion matrix "
                         f"{priors.condition:.1f}")  # fmt: skip
        return [*lines, ""]

    def loss_lines(self) -> list[str]:
        """What the difference costs, a sentence each."""
        lines = []
        if self.harm:
            harm = self.harm
            split = f"of which P(X) {harm.x_part}, P(Y|X) {harm.label_part}"
            if math.isnan(harm.x_part.value):
                split = "which cannot be split: hardly any rows of both sides meet, or none of the source are kept"
            lines.append(
                f"source head: {harm.source} on its own kind, {harm.target} on the target; loses {harm.loss}, {split}"
            )
            if harm.target_only and harm.gain:
                lines.append(f"target's labels alone: {harm.target_only}; adding the source's rows: {harm.gain}")
        elif self.expected:
            lines.append(f"source head: {fraction(self.expected.source)} on its own kind, about "
                         f"{fraction(self.expected.target)} expected on the target (from agreement; "
                         f"{fraction(self.expected.by_confidence)} from confidence) if P(Y|X) is the same")  # fmt: skip
            if self.marginals and self.marginals.effective_share < FAR:
                lines.append("  hardly any source row looks like the target: that is a guess, and rather too hopeful")
        return lines

    def cost_lines(self) -> list[str]:
        """The same with the learning curve, as it is printed."""
        lines = self.loss_lines()
        for point in self.more_labels:
            word = "with" if point.seen else "expected with"
            lines.append(f"  {word} {point.n} target labels: {point.alone} alone, {point.with_source} with the source")
        return [*lines, ""] if lines else []


def _value(interval: Interval) -> str:
    """With its interval where there is one."""
    return fraction(interval.value) if math.isnan(interval.low) else str(interval)


def p_text(p: float) -> str:
    """
    >>> p_text(0.0025), p_text(float("nan")), p_text(1e-9)
    ('.003', '–', '<.001')
    """
    return "<.001" if p < 0.001 else fraction(p)
