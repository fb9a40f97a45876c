"""What came of an adaptation, as plain values: the shift, the choice, the proof, the picture."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from headstart.adaptation.auto import Trial
from headstart.diagnosis.findings import Picture
from headstart.results import Interval, fraction, to_plain


@dataclass(frozen=True)
class ClassChange:
    """A class: its share among the source's labels, and among the target's answers without and with adaptation.

    rows  labelled target rows of it that nobody used; unadapted, adapted: which share of these was answered rightly
    """

    name: str
    source_share: float
    unadapted_share: float
    adapted_share: float
    rows: int = 0
    unadapted: float | None = None
    adapted: float | None = None

    @property
    def gain(self) -> float | None:
        """Of accuracy, as a share; None where nothing was measured."""
        return None if self.adapted is None or self.unadapted is None else self.adapted - self.unadapted


@dataclass(frozen=True, eq=False, kw_only=True)
class AdaptationFindings:
    """source, target  their names; rows: how many of each; backbone: what both went through
    method     the method in use; "none" where nothing was credibly better
    shift      the shift found, in words; trials: what was tried, with the validators' votes (both for "auto" alone)
    changed    share of target rows whose answer is not the unadapted classifier's
    accuracy   on target rows whose labels nobody used, with and without adaptation; None where there are none
    gain       of adapting, paired, with its interval
    classes    what changed class by class
    before, after  both domains in two dimensions, as the unadapted and the adapted classifier see them
    """

    source: str
    target: str
    rows: tuple[int, int]
    backbone: str
    method: str
    shift: str
    trials: tuple[Trial, ...]
    changed: float
    accuracy: float | None
    unadapted: float | None
    gain: Interval | None
    classes: tuple[ClassChange, ...] = ()
    before: Picture | None = None
    after: Picture | None = None
    notes: tuple[str, ...] = ()
    why: str = ""
    seconds: float = 0.0

    @property
    def per_class(self) -> dict[str, float]:
        """The gain of each class that was measured."""
        return {each.name: each.gain for each in self.classes if each.gain is not None}

    @property
    def verdict(self) -> str:
        """Whether adapting paid, as far as anybody can know."""
        if self.method == "none":
            why = ": no method was credibly better" if self.trials else ""
            untold = "" if self.gain is not None else "; no labels of the target say what that costs"
            return f"nothing was adapted{why}{untold}"
        if self.gain is not None:
            return verdict(self.gain)
        return "not measured: no target labels; label some 30 target rows to know what adapting brings"

    @property
    def report(self) -> str:
        """One self-contained HTML page."""
        page: str = import_module("headstart.reports.adaptation_page").render(self)  # a higher floor, when asked for
        return page

    def __str__(self) -> str:
        lines = [f"method   {self.method}", f"changed  {100 * self.changed:.1f} % of the target's answers"]
        if self.shift:
            lines.insert(0, f"shift    {self.shift}")
        if self.why:
            lines.insert(0, f"through  {self.backbone} ({self.why})")
        if self.accuracy is not None and self.unadapted is not None:
            lines.append(f"accuracy {fraction(self.accuracy)} (unadapted {fraction(self.unadapted)}) on target labels")
        lines.append(f"verdict  {self.verdict}")
        lines += [f"  {'tried':<16} rank  what each validator says of it, higher is better"] if self.trials else []
        for trial in sorted(self.trials, key=lambda each: -each.rank):
            votes = "  ".join(f"{name} {value:.3f}" for name, value in trial.votes.items())
            if trial.company is not None:
                votes += f"  company {trial.company:+.2f}"
            if trial.rehearsal is not None:
                votes += f"  rehearsed {100 * trial.rehearsal.gain:+.1f} ± {200 * trial.rehearsal.error:.1f}"
            mark = "*" if trial.name == self.method else " "
            lines.append(f"{mark} {trial.name:<16} {fraction(trial.rank)}  {votes or trial.refusal}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Everything but the model and the pictures' points, for machines."""
        names = ("source", "target", "rows", "backbone", "why", "method", "shift", "trials", "changed", "accuracy",
                 "unadapted", "gain", "per_class", "classes", "verdict", "notes", "seconds")  # fmt: skip
        return {name: to_plain(getattr(self, name)) for name in names}


def verdict(gain: Interval) -> str:
    """Whether adapting paid, from its paired gain."""
    points = f"{100 * gain.value:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
    if gain.low > 0:
        return f"adapting helps: {points}"
    if gain.high < 0:
        return f"negative transfer: {points}; use method 'none'"
    return f"no clear difference: {points}"
