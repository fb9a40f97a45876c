"""What the difference costs, in accuracy: the source head on the target, labels of the source as an addition to those
of the target, and how much of the loss comes with P(X) and how much with P(Y given X)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from headstart.arrays import Labels, Matrix, Vector
from headstart.diagnosis.labels import HeldOut
from headstart.diagnosis.nuisances import FOLDS, dealt_folds
from headstart.diagnosis.sampling import Known
from headstart.heads.ridge import Ridge
from headstart.results import Interval, Score
from headstart.stats.divergence import effective_share
from headstart.stats.intervals import accuracy_score_interval, paired_gain

DRAWS = 200
LEAST_OVERLAP = 50.0  # effective rows of each side, below which a loss cannot be split
NOT_KNOWN = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Harm:
    """Accuracies from 0 to 1; losses are positive where the target is worse off.

    source, target  the source head on source rows it never saw, and on the target
    loss            the one minus the other; x_part + label_part, by weighting both sides to where both have rows
                    (DISDE: Cai, Namkoong & Yadlowsky, 2023); NaN where hardly any rows of both sides meet
    target_only     a head from the target's labels alone, cross-validated (None: too few labels)
    gain            what adding the source's rows to those labels brings, paired
    """

    source: Score
    target: Score
    loss: Interval
    x_part: Interval
    label_part: Interval
    target_only: Score | None = None
    with_source: Score | None = None
    gain: Interval | None = None

    def within(self, margin: float, *, part: str = "loss", alpha: float = 0.05) -> bool:
        """Two one-sided tests (Schuirmann 1987): is the loss, up or down, below `margin` beyond doubt?"""
        interval: Interval = getattr(self, part)
        se = (interval.high - interval.low) / (2 * norm.ppf(0.5 + interval.level / 2))
        half = float(norm.ppf(1 - alpha) * se)
        return interval.value - half > -margin and interval.value + half < margin


def held_out_answers(
    source: Matrix, labels: Labels, target: Matrix, *, n_classes: int, groups: NDArray[Any] | None,
    rng: np.random.Generator,
) -> HeldOut:  # fmt: skip
    """A ridge head's answers: out of fold on the source, and on the target of the head fitted to all of the source."""
    fold_of = dealt_folds(groups, labels, rng=rng)
    own = np.zeros((len(labels), n_classes))
    for fold in range(FOLDS):
        held = fold_of == fold
        if held.any() and not held.all():
            own[held] = answers(source[~held], labels[~held], source[held], n_classes)
    return HeldOut(own, labels, answers(source, labels, target, n_classes))


def answers(X: Matrix, labels: Labels, asked: Matrix, n_classes: int) -> Matrix:
    """Probabilities (m, C) of a ridge head; classes it never saw get none.

    Its penalty is the strongest within one standard error of the best (Breiman et al., 1984): the weakest that pays off
    at home leans on directions that mean nothing elsewhere.
    """
    seen = np.unique(labels)
    proba = np.zeros((len(asked), n_classes))
    if len(seen) == 1:
        proba[:, seen[0]] = 1.0
        return proba
    head = Ridge().fit(X, labels)
    ridges, accuracy = head.path_["ridge"], head.path_["accuracy"]
    best = float(accuracy.max())
    enough = accuracy >= best - np.sqrt(best * (1 - best) / len(labels))
    head = Ridge(ridge=float(ridges[enough].max())).fit(X, labels)
    proba[:, seen] = head.predict_proba(asked)
    return proba


def harm(known: Known, domain: tuple[Vector, Vector], *, rng: np.random.Generator) -> Harm:
    """All of it, from labelled rows of the classes that both sides have.

    domain  the probability of "target" for each labelled row of source and target
    """
    groups = known.groups or (None, None)
    n_classes = len(known.classes)
    own = held_out_answers(*_first(known), known.X[1], n_classes=n_classes, groups=groups[0], rng=rng)
    right = tuple(
        (proba.argmax(axis=1) == labels).astype(float)
        for proba, labels in zip((own.source, own.target), known.labels, strict=True)
    )
    scores = [accuracy_score_interval(side, groups=_usable(names)) for side, names in zip(right, groups, strict=True)]
    loss = difference(scores[0], scores[1])
    x_part, label_part = _parts((right[0], right[1]), domain, groups, rng)
    only = _target_heads(known, groups[1], n_classes, rng)
    return Harm(scores[0], scores[1], loss, x_part, label_part, *only)


def _first(known: Known) -> tuple[Matrix, Labels]:
    return known.X[0], known.labels[0]


def difference(first: Score, second: Score) -> Interval:
    """Of two accuracies measured on different rows."""
    value = first.value - second.value
    half = float(norm.ppf(0.975) * np.hypot(first.se, second.se))
    return Interval(value, value - half, value + half)


def _parts(
    right: tuple[Vector, Vector], domain: tuple[Vector, Vector], groups: tuple[Any, Any], rng: np.random.Generator
) -> tuple[Interval, Interval]:
    """What P(X) costs and what P(Y given X) does; together they are the loss. NaN where hardly any rows would count.

    The latter is accuracy on the source minus on the target, both weighted to where both sides have rows; the former is
    what is left of the loss. Both from the same bootstrap draws, in which they move against each other.
    """
    weights = domain[0], 1 - domain[1]  # proportional to p_target/(p_source + p_target) and the reverse
    if min(effective_share(weight) * len(weight) for weight in weights) < LEAST_OVERLAP:
        return NOT_KNOWN, NOT_KNOWN
    plain: list[Vector] = []
    weighted: list[Vector] = []
    for side, weight, names in zip(right, weights, groups, strict=True):
        units = np.arange(len(side)) if names is None else np.unique(names, return_inverse=True)[1].reshape(-1)
        times = rng.multinomial(units.max() + 1, np.full(units.max() + 1, 1 / (units.max() + 1)), size=DRAWS)
        times[0] = 1  # the sample itself
        for found, each in ((plain, np.ones(len(side))), (weighted, weight)):
            mass, hits = np.bincount(units, each), np.bincount(units, each * side)
            found.append((times @ hits) / np.maximum(times @ mass, 1e-12))
    label_part = weighted[0] - weighted[1]
    return _around(plain[0] - plain[1] - label_part), _around(label_part)


def _around(draws: Vector) -> Interval:
    """The first is the value itself, the others say how far it might be off."""
    half = float(norm.ppf(0.975) * draws[1:].std())
    return Interval(float(draws[0]), float(draws[0]) - half, float(draws[0]) + half)


def _target_heads(
    known: Known, groups: NDArray[Any] | None, n_classes: int, rng: np.random.Generator
) -> tuple[Score, Score, Interval] | tuple[None, None, None]:
    """Cross-validated: the target's labels alone, and with the source's rows added."""
    (source, target), (source_labels, labels) = known.X, known.labels
    if len(labels) < 10 or len(np.unique(labels)) < 2:
        return None, None, None
    fold_of = dealt_folds(groups, labels, rng=rng)
    alone, both = np.zeros(len(labels)), np.zeros(len(labels))
    for fold in np.unique(fold_of):
        held = fold_of == fold
        if held.all():
            return None, None, None
        alone[held] = answers(target[~held], labels[~held], target[held], n_classes).argmax(axis=1) == labels[held]
        X, y = np.concatenate([source, target[~held]]), np.concatenate([source_labels, labels[~held]])
        both[held] = answers(X, y, target[held], n_classes).argmax(axis=1) == labels[held]
    names = _usable(groups)
    gain = paired_gain(both, alone, groups=names)
    return accuracy_score_interval(alone, groups=names), accuracy_score_interval(both, groups=names), gain


def _usable(groups: NDArray[Any] | None) -> Any:
    """Groups for an interval; where there is only one, rows are all there is to go by."""
    return None if groups is None or len(np.unique(groups)) < 2 else tuple(groups.tolist())
