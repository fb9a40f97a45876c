"""Which head: all on the same folds; their average, unless the folds can tell that one of them alone will do.

Few rows cannot tell heads apart, and whichever then leads (or costs least among those that do not trail by much) is a
draw of lots: over 42 sets of features with five labels a class it was worse than plain logistic regression. So the
burden of proof lies with the single head: a cheap one is taken once it is shown to lose next to nothing (a test of
non-inferiority, as Schuirmann, 1987), a better one once it is ahead by two standard errors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone

from headstart.arrays import Labels, Matrix, Rows, same_length
from headstart.errors import DataError
from headstart.heads import HEADS
from headstart.heads.average import Average
from headstart.heads.head import Head
from headstart.heads.repeats import Repeats
from headstart.heads.statistics import ClassWeight, Statistics
from headstart.results import Score, fraction
from headstart.stats.intervals import accuracy_score_interval
from headstart.stats.metrics import balanced_accuracy

UNEVEN = 5.0
NEGLIGIBLE = 0.005  # of accuracy: as little as a cheaper head may lose
CLEARLY = 2.0  # standard errors


@dataclass(frozen=True)
class HeadScore:
    """How one head did on the rows its folds left out: accuracy, its mean over classes, seconds to fit and ask."""

    name: str
    score: Score
    balanced_accuracy: float
    seconds: float


@dataclass(frozen=True, eq=False)
class HeadChoice:
    """The head taken and what it was taken from.

    name     of the head in `HEADS`
    head     unfitted, ready to `fit` on all training rows (it judges its own penalty there again)
    proba    (n, n_classes) its out-of-fold probabilities, averaged over repeats; NaN for rows that no fold scored
    runs     (repeats, n) right (1) or wrong (0) in each repeat of the folds, NaN for rows that no fold scored
    scores   of every head tried, best first
    skipped  heads not tried, and why
    notes    what a person should know about the comparison
    """

    name: str
    head: Head
    proba: Matrix
    runs: Matrix
    scores: tuple[HeadScore, ...]
    skipped: dict[str, str]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{'*' if each.name == self.name else ' '} {each.name:<12} {each.score}  {each.seconds:.2f} s"
            for each in self.scores
        ]
        lines += [f"  {name:<12} skipped: {reason}" for name, reason in self.skipped.items()]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def choose_head(
    X: Any,
    y: Labels,
    folds: Sequence[tuple[Rows, Rows]],
    names: Sequence[str] | None = None,
    n_classes: int | None = None,
    seed: int = 0,
    *,
    class_weight: ClassWeight = None,
) -> HeadChoice:
    """Fit every head on the same folds; keep the cheapest that surely loses next to nothing, or else their average.

    Of all heads that lose at most half a point of accuracy to the most accurate, even if they are two standard errors
    (of the paired difference) worse than they look, the cheapest is taken. Where there are none, which is so with few
    rows, it is `average`, or the most accurate where that is ahead of it by more than two standard errors (and where
    `average` was not tried).

    X (n, d) dense or CSR; y (n,) codes 0..n_classes-1; folds are (rows to fit, rows to score), repeats simply further
    ones; `class_weight` goes to every head that knows it. Heads that cannot take the input, or would take much longer
    than all others together, are skipped with the reason; asked for by name (`names`), they are run all the same.
    Raises `DataError` for labels outside the codes or no folds, `UnknownName` for an unknown head.
    """
    y, n_classes = _checked(X, y, folds, n_classes)
    heads = {name: _made(name, seed, class_weight) for name in (HEADS if names is None else names)}
    skipped = {} if names is not None else _refusals(heads, X, y, folds)
    tried = {name: head for name, head in heads.items() if name not in skipped}
    outcomes = _outcomes(tried, X, y, folds, n_classes)
    n_folds = max(2, round(X.shape[0] / float(np.mean([len(score_rows) for _, score_rows in folds]))))
    scores = {name: _scored(name, each, y, n_folds) for name, each in outcomes.items()}
    chosen = _taken(tried, outcomes)
    ranked = tuple(sorted(scores.values(), key=lambda each: (-each.score.value, heads[each.name].cost)))
    return HeadChoice(
        chosen,
        tried[chosen],
        outcomes[chosen].mean_proba,
        outcomes[chosen].right,
        ranked,
        skipped,
        _notes(y[outcomes[chosen].scored], scores[chosen], class_weight),
    )


class _Outcome(Repeats):
    """One head's answers, and the seconds they took."""

    seconds = 0.0


def _outcomes(
    heads: dict[str, Head], X: Any, y: Labels, folds: Sequence[tuple[Rows, Rows]], n_classes: int
) -> dict[str, _Outcome]:
    n = X.shape[0]
    outcomes = {name: _Outcome(n, n_classes) for name in heads}
    for fit_rows, score_rows in folds:
        shared: dict[str, Statistics] = {}  # one eigendecomposition per fold serves all heads that need it
        known: list[Head] = []
        for name, head in sorted(heads.items(), key=lambda pair: pair[1].cost):
            started = time.perf_counter()
            if head.preparation not in shared:
                shared[head.preparation] = Statistics.of(head.prepare(X[fit_rows]), y[fit_rows])
            known.append(fitted := _fitted(clone(head), shared[head.preparation], known))
            proba = np.zeros((len(score_rows), n_classes))
            proba[:, fitted.classes_] = fitted.predict_proba(X[score_rows])
            outcomes[name].add(score_rows, proba, y[score_rows])
            outcomes[name].seconds += time.perf_counter() - started
    return outcomes


def _fitted(head: Head, statistics: Statistics, known: Sequence[Head]) -> Head:
    return head.fit_beside(statistics, known) if isinstance(head, Average) else head.fit_statistics(statistics)


def _made(name: str, seed: int, class_weight: ClassWeight) -> Head:
    head: Head = HEADS[name]()
    known = head.get_params()
    wanted = {"seed": seed, "class_weight": class_weight}
    return head.set_params(**{key: value for key, value in wanted.items() if key in known})


def _refusals(heads: dict[str, Head], X: Any, y: Labels, folds: Sequence[tuple[Rows, Rows]]) -> dict[str, str]:
    n, is_sparse = max(len(fit_rows) for fit_rows, _ in folds), bool(sparse.issparse(X))
    reasons = {}
    for name, head in heads.items():
        reason = "takes no sparse matrix" if is_sparse and not head.accepts_sparse else ""
        reasons[name] = reason or head.refusal(n, X.shape[1], len(np.unique(y)), sparse=is_sparse)
    return {name: reason for name, reason in reasons.items() if reason}


def _scored(name: str, outcome: _Outcome, y: Labels, n_folds: int) -> HeadScore:
    rows, runs = outcome.scored, outcome.right[:, outcome.scored]
    score = accuracy_score_interval(outcome.correct if np.isnan(runs).any() else runs, folds=n_folds)
    predicted = outcome.mean_proba[rows].argmax(axis=1)
    return HeadScore(name, score, balanced_accuracy(y[rows], predicted), outcome.seconds)


def _taken(heads: dict[str, Head], outcomes: dict[str, _Outcome]) -> str:
    by_cost = sorted(heads, key=lambda name: heads[name].cost)
    best = max(by_cost, key=lambda name: outcomes[name].correct.mean())
    for name in by_cost:
        behind, error = _behind(outcomes[name], outcomes[best])
        if behind + CLEARLY * error <= NEGLIGIBLE:
            return name
    if Average.name not in heads:
        return best
    behind, error = _behind(outcomes[Average.name], outcomes[best])
    return best if behind > CLEARLY * error else Average.name


def _behind(outcome: _Outcome, best: _Outcome) -> tuple[float, float]:
    """By how much one head is less accurate than another, and the error of that: no less than one row of all."""
    behind = best.correct - outcome.correct
    return float(behind.mean()), max(float(behind.std()) / np.sqrt(len(behind)), 1 / len(behind))


def _notes(labels: Labels, chosen: HeadScore, class_weight: ClassWeight) -> tuple[str, ...]:
    counts = np.unique(labels, return_counts=True)[1]
    if counts.max() < UNEVEN * counts.min():
        return ()
    advice = "class weights even them in the fit" if class_weight else "class_weight='balanced' evens them in the fit"
    return (
        f"classes are uneven ({counts.max()} rows in the largest, {counts.min()} in the smallest): accuracy "
        f"{fraction(chosen.score.value)}, mean over classes {fraction(chosen.balanced_accuracy)}; {advice}",
    )


def _checked(X: Any, y: Labels, folds: Sequence[tuple[Rows, Rows]], n_classes: int | None) -> tuple[Labels, int]:
    y = np.asarray(y)
    same_length(range(X.shape[0]), y)
    if not len(folds):
        raise DataError("no folds to compare heads on; give at least one pair (rows to fit, rows to score)")
    used = np.unique(np.concatenate([np.concatenate([np.asarray(part) for part in pair]) for pair in folds]))
    n_classes = int(y.max()) + 1 if n_classes is None else n_classes
    if y[used].min() < 0 or y[used].max() >= n_classes:
        raise DataError(
            f"folds name rows labelled {y[used].min()} to {y[used].max()}; labels must be codes 0 to {n_classes - 1} "
            "(-1 marks an unlabelled row, which cannot be fitted or scored)"
        )
    return y, n_classes
