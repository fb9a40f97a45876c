"""What a study found, as plain values: four curves over the cuts, the losses between them, and the probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headstart.arrays import Vector
from headstart.results import Interval, fraction, to_plain
from headstart.stats.intervals import accuracy_score_interval, mean_interval, paired_gain
from headstart.strategies.transferability.networks import BASE, Treatment
from headstart.strategies.transferability.probes import Probe
from headstart.strategies.transferability.words import verdict


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Accuracy on B's held-out rows of the four networks cut after one layer, and what lies between them.

    selffer         BnB: B's own layers up to the cut, frozen; the rest learned anew
    selffer_tuned   BnB+: the same, all of it learning
    transfer        AnB: A's layers, frozen
    transfer_tuned  AnB+: A's layers, all of it learning
    co_adaptation   base - BnB: lost because layers that had grown together were parted
    specialisation  BnB - AnB: lost because A's layers are made for A
    gain            AnB+ - base: what A's layers bring as a start
    """

    layer: str
    selffer: Interval
    selffer_tuned: Interval
    transfer: Interval
    transfer_tuned: Interval
    co_adaptation: Interval
    specialisation: Interval
    gain: Interval


@dataclass(frozen=True, kw_only=True)
class Study:
    """How transferable each layer is. Printing it shows the table; `report` is a page.

    source, target  what A and B are (of the first seed, where classes are dealt out anew for each)
    network         what was trained, or whose layers were read
    base            accuracy of networks trained on B alone
    cuts            from input to output; empty where only probes were taken
    n_train, n_test rows of B, in the first seed
    trained, reused networks trained now, and found from an earlier run
    accuracies      of every network by its name ("base", "A stage2 B+"), one number for each seed
    """

    source: str
    target: str
    network: str
    seeds: int
    base: Interval | None
    cuts: tuple[Cut, ...]
    probes: tuple[Probe, ...]
    n_train: int
    n_test: int
    views: int
    steps: int
    trained: int
    reused: int
    seconds: float
    accuracies: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> tuple[str, ...]:
        """The answer, a sentence each."""
        return verdict(self)

    @property
    def report(self) -> str:
        """One self-contained HTML page."""
        from importlib import import_module  # a higher floor: fetched when asked for, never needed

        page: str = import_module("headstart.reports.study_page").render(self)
        return page

    def to_dict(self) -> dict[str, Any]:
        return {**to_plain(self), "verdict": list(self.verdict)}

    def __str__(self) -> str:
        lines = [f"How transferable is each layer? {self.source} → {self.target}", f"  {self._made()}"]
        if self.base is not None:
            lines += ["", f"  base (B alone)  {self.base}", "", *_aligned(self._table())]
        if self.probes:
            lines += ["", *_aligned(self._probe_table())]
        return "\n".join([*lines, "", *self.verdict, *(f"  note: {note}" for note in self.notes)])

    def _made(self) -> str:
        if not self.cuts:
            return f"{self.network}, {self.n_train} rows"
        seeds = f"{self.seeds} seed{'s' if self.seeds > 1 else ''}"
        return (
            f"{self.network}, {seeds}, {self.n_train} rows to learn from and {self.n_test} held out, "
            f"{self.steps} steps, {self.trained} networks trained and {self.reused} reused, {self.seconds:.0f} s"
        )

    def _table(self) -> list[tuple[str, ...]]:
        head = ("cut after", "BnB", "BnB+", "AnB", "AnB+", "broken co-adaptation", "specialisation", "AnB+ over base")
        return [head] + [
            (cut.layer, *(fraction(one.value) for one in (cut.selffer, cut.selffer_tuned, cut.transfer,
             cut.transfer_tuned)), str(cut.co_adaptation), str(cut.specialisation), str(cut.gain))
            for cut in self.cuts
        ]  # fmt: skip

    def _probe_table(self) -> list[tuple[str, ...]]:
        rows = [
            (
                one.layer,
                f"{one.width:,}",
                str(one.accuracy),
                "–" if one.untrained is None else fraction(one.untrained.value),
            )
            for one in self.probes
        ]
        return [("probe at", "columns", "leave-one-out accuracy", "random weights"), *rows]


def cuts_of(correct: Mapping[Treatment, Sequence[Vector]], layers: Sequence[str]) -> tuple[Interval, tuple[Cut, ...]]:
    """Base accuracy and one `Cut` per layer, from right (1) or wrong (0) per held-out row, one vector for each seed.

    With several seeds the intervals are Student's, over seeds (they hold what the lot of classes, rows and weights
    moves), or those over held-out rows where they are wider: few seeds may agree by chance. With one seed they are over
    its rows, and say nothing of chance in training.
    """
    base = correct[BASE]
    return level(base), tuple(_cut(correct, layer) for layer in layers)


def _cut(correct: Mapping[Treatment, Sequence[Vector]], layer: str) -> Cut:
    base = correct[BASE]
    own, own_tuned, other, other_tuned = (
        correct[Treatment(source, layer, frozen)] for source in ("B", "A") for frozen in (True, False)
    )
    return Cut(
        layer=layer,
        selffer=level(own),
        selffer_tuned=level(own_tuned),
        transfer=level(other),
        transfer_tuned=level(other_tuned),
        co_adaptation=difference(base, own),
        specialisation=difference(own, other),
        gain=difference(other_tuned, base),
    )


def level(seeds: Sequence[Vector]) -> Interval:
    """Mean accuracy over seeds."""
    over_rows = accuracy_score_interval(np.concatenate(seeds)).interval
    return _wider(mean_interval([float(np.mean(one)) for one in seeds], lowest=0.0, highest=1.0), over_rows)


def difference(first: Sequence[Vector], second: Sequence[Vector]) -> Interval:
    """Mean accuracy by which `first` is better, paired by seed and by row."""
    over_rows = paired_gain(np.concatenate(first), np.concatenate(second))
    return _wider(
        mean_interval([float(np.mean(a) - np.mean(b)) for a, b in zip(first, second, strict=True)]), over_rows
    )


def _wider(over_seeds: Interval, over_rows: Interval) -> Interval:
    """The first, unless the second is wider (or the first has no ends)."""
    return over_seeds if over_seeds.high - over_seeds.low >= over_rows.high - over_rows.low else over_rows


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
