"""The guard: what was planned is delivered only where no baseline is better, and a certificate says what it gains.

Negative transfer is a property of the number of labels (Wang et al., CVPR 2019), so a gain is worth nothing without the
number it was measured at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.results import Interval
from headstart.stats.intervals import paired_gain
from headstart.strategies.choosing import mean_difference
from headstart.strategies.findings import Certificate
from headstart.strategies.ground import Evaluated, Ground, common_runs, scored_in

TARGET_ONLY = "raw input"


@dataclass(frozen=True, eq=False)
class Guarded:
    """The entry that is delivered, and why it is another than the planned one ("" where it is the same)."""

    kept: Evaluated
    reason: str


def guard(planned: Evaluated, baselines: Sequence[Evaluated]) -> Guarded:
    """The planned entry, unless a baseline is ahead of it on the folds by more than one standard error.

    That is stricter than a test: what is significantly worse than a baseline (two standard errors) is never delivered.
    """
    ahead = [(each, *mean_difference(each, planned)) for each in baselines if each is not planned]
    better = [(each, difference, se) for each, difference, se in ahead if difference > max(se, 0.0) and each.parts]
    if not better:
        return Guarded(planned, "")
    best, difference, se = max(better, key=lambda row: row[1])
    reason = (
        f"{best.name} is {100 * difference:+.1f} points ahead of what was planned ({planned.name}) on the folds, more "
        f"than one standard error ({100 * se:.1f}): it is delivered instead"
    )
    return Guarded(best, reason)


def certificate(
    kept: Evaluated,
    entries: Sequence[Evaluated],
    ground: Ground,
    *,
    planned: str = "",
    foretold: Interval | None = None,
    replaced: str = "",
) -> Certificate:
    """What the delivered entry gains over learning from scratch and over the target alone, on rows it has not seen."""
    over = {name: _gain(kept, entries, kind, ground) for name, kind in
            (("scratch", "from scratch"), ("target", TARGET_ONLY))}  # fmt: skip
    return Certificate(
        strategy=kept.name,
        n=len(ground.train),
        measured_on="held-out rows" if len(ground.test) else "rows of the folds",
        rows=len(ground.test) or len(ground.train),
        over_scratch=over["scratch"],
        over_target_only=over["target"],
        worst=_worst_on_folds(kept, entries, ground),
        planned=planned,
        foretold=foretold,
        replaced=replaced,
        mixed="" if kept.mixing is None else str(kept.mixing),
    )


def _gain(kept: Evaluated, entries: Sequence[Evaluated], kind: str, ground: Ground) -> Interval | None:
    other = next((entry for entry in entries if entry.kind == kind), None)
    return None if other is None or other is kept else kept.gain_over(other, ground)


def _worst_on_folds(kept: Evaluated, entries: Sequence[Evaluated], ground: Ground) -> Interval | None:
    """The smallest gain over any of the two baselines on the folds: what the guard looked at."""
    gains = []
    for other in entries:
        if other.kind not in ("from scratch", TARGET_ONLY) or other is kept:
            continue
        mine, theirs = common_runs(kept, other)
        both = scored_in(mine) & scored_in(theirs)
        groups = ground.groups(ground.train[both])
        gains.append(paired_gain(mine[:, both], theirs[:, both], groups=groups, folds=ground.n_folds))
    return min(gains, key=lambda gain: gain.value) if gains else None
