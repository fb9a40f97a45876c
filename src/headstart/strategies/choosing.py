"""Which entry is kept, and what is said of it: the cheapest within one standard error of the best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.results import Interval
from headstart.strategies.findings import TRANSFERS
from headstart.strategies.ground import Evaluated, common_runs


def choose(entries: Sequence[Evaluated]) -> Evaluated:
    """The entry to keep, by the folds of the training rows alone.

    Among what transfers, the cheapest within one standard error (of the paired difference) of the best is kept
    (Breiman et al., CART, 1984, section 3.4.3). A null baseline replaces it where the null is better by more than one
    standard error: transfer must never hurt.
    """
    transfers = [entry for entry in entries if entry.kind in TRANSFERS]
    nulls = [entry for entry in entries if entry.kind not in (*TRANSFERS, "majority")]
    if not transfers:
        return cheapest_within_one_se(nulls)
    kept = cheapest_within_one_se(transfers)
    better = [null for null in nulls if mean_difference(null, kept)[0] > mean_difference(null, kept)[1]]
    return max(better, key=lambda null: mean_difference(null, kept)[0]) if better else kept


def cheapest_within_one_se(entries: Sequence[Evaluated]) -> Evaluated:
    best = max(entries, key=lambda entry: np.nanmean(entry.runs))
    near = [entry for entry in entries if entry is best or within_one_se(entry, best)]
    return min(near, key=lambda entry: entry.cost)


def within_one_se(entry: Evaluated, best: Evaluated) -> bool:
    difference, se = mean_difference(best, entry)
    return difference <= se


def mean_difference(first: Evaluated, second: Evaluated) -> tuple[float, float]:
    """Mean accuracy difference on the validation rows that both were scored on, and its paired standard error."""
    mine, theirs = common_runs(first, second)
    difference = (mine - theirs).mean(axis=0)
    difference = difference[~np.isnan(difference)]
    if len(difference) < 2:
        return float(difference.sum()), 0.0
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def verdict(kept: Evaluated, gain: Interval | None, n_train: int, n_classes: int) -> str:
    """What a person should take away, in one or two sentences."""
    labels = f"{n_train} labelled samples of {n_classes} classes"
    if kept.kind not in (*TRANSFERS, "mixture"):
        return _null_verdict(kept, labels)
    if gain is None:
        return f"{kept.name} was kept; there is no from-scratch baseline to compare it with."
    points = (
        f"{100 * gain.value:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}] over learning from scratch"
    )
    if gain.low > 0:
        return f"Transfer helps: {kept.name} gains {points}, with {labels}."
    if gain.high < 0:
        return (
            f"Transfer hurts on the held-out samples: {kept.name} gains {points}, although it looked better on the "
            f"{labels} it was chosen on. Prefer learning from scratch, or collect more labels and run again."
        )
    return f"No clear difference: {kept.name} gains {points}; the interval includes zero, with {labels}."


def _null_verdict(kept: Evaluated, labels: str) -> str:
    if kept.kind == "from scratch":
        return f"Transfer does not help here: learning from scratch ({kept.name}) does better with {labels}."
    if kept.kind == "source only":
        return f"The source model works as it is ({kept.name}); {labels} do not improve on it."
    return f"Transfer does not help here: {kept.kind} ({kept.name}) does better with {labels}."
