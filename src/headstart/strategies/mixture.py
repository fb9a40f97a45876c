"""Convex aggregation: the leader of each kind of strategy answers together with the others, where that credibly helps.

Probabilities of several strategies are added up with weights on the simplex, chosen by their log loss on rows that no
member learned from: stacking (Wolpert, Neural Networks 1992; Breiman, Machine Learning 1996) with convex weights, which
does as well as the best of them up to a small price (the super learner; van der Laan, Polley & Hubbard, 2007). Nothing
is trained for it. What it costs is a pass through every member's network for every answer, so it has to show more than
luck would: the weights that judge a fold were chosen on the other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Labels, Mask, Matrix, Rows, Vector
from headstart.data.splitting import first_repeat
from headstart.models.feature_map import backbones_of
from headstart.models.member import Member
from headstart.results import Interval
from headstart.selection.limits import latency_of
from headstart.stats.calibration import FLOOR, apply_temperature, fit_temperature, succession
from headstart.stats.mixture import mixture_proportions
from headstart.strategies.feature_extraction import head_bytes, weights_of
from headstart.strategies.findings import TRANSFERS, Kind, Mixing, Share
from headstart.strategies.ground import Evaluated, Ground, correctness
from headstart.strategies.guard import guard

KINDS: tuple[Kind, ...] = (*TRANSFERS, "from scratch", "raw input", "source only")
LEAST = 0.05  # a smaller share is not worth a network
TIMED = 3  # samples that a backbone is timed on
CREDIBLE = 1.0  # standard errors that the log loss must be ahead by, as everywhere that something is replaced


@dataclass(frozen=True, eq=False)
class Weighing:
    """temperatures (m,) that cool each member's answers, and weights (m,) >= 0 that add up to 1."""

    temperatures: Vector
    weights: Vector

    def mixed(self, answers: Sequence[Matrix]) -> Matrix:
        """The members' probabilities (n, C) as one."""
        return np.sum([w * p for w, p in zip(self.weights, self.cooled(answers), strict=True)], axis=0)

    def cooled(self, answers: Sequence[Matrix]) -> list[Matrix]:
        return [apply_temperature(p, t) for p, t in zip(answers, self.temperatures, strict=True)]


def mixture_of(kept: Evaluated, entries: Sequence[Evaluated], ground: Ground) -> Evaluated | None:
    """`kept` together with the leaders of other kinds; None where that is not credibly better than the best of them, or
    where nothing in it is carried over.

    Better means: the log loss per row on the folds, with weights from the other folds, is below that of the best member
    by more than one standard error; no fewer rows are right than with `kept` alone; and no entry is ahead of the
    mixture by the guard's own rule.
    """
    members = leaders(kept, entries)
    if len(members) < 2:
        return None
    scored = np.all([~np.isnan(each.validation).any(axis=1) for each in members], axis=0)
    answers, labels = [each.validation for each in members], ground.labels[ground.train]
    weighing = weigh([p[scored] for p in answers], labels[scored])
    weighted = weighing.weights > 0
    chosen = [each for each, has in zip(members, weighted, strict=True) if has]
    if not weighted[0] or len(chosen) < 2 or not any(each.kind in TRANSFERS for each in chosen):
        return None
    validation, ahead = crossed(answers, ground, scored)
    if ahead is None or not ahead.low > 0:
        return None
    right = correctness(validation[scored], labels[scored])
    if right.mean() < correctness(kept.validation[scored], labels[scored]).mean():
        return None
    found = _entry(chosen, _only(weighing, weighted), validation, ground, ahead)
    return found if guard(found, entries).kept is found else None


def leaders(kept: Evaluated, entries: Sequence[Evaluated]) -> list[Evaluated]:
    """`kept`, and of every other kind that can be delivered the entry that is best on the folds."""
    found = [kept]
    for kind in KINDS:
        others = [each for each in entries if each.kind == kind and each.map is not None]
        if kind != kept.kind and others:
            found.append(max(others, key=lambda each: float(np.nanmean(each.runs))))
    return found


def weigh(answers: Sequence[Matrix], labels: Labels) -> Weighing:
    """Temperatures for each member alone, then the weights that minimise the log loss of the sum (convex; by EM).

    A weight below .05 becomes 0, and the others are chosen again without it.
    """
    smoothing = succession(len(labels), answers[0].shape[1])
    temperatures = np.array([fit_temperature(p, labels, smoothing=smoothing) for p in answers])
    rows = np.arange(len(labels))
    cooled = [apply_temperature(p, t)[rows, labels] for p, t in zip(answers, temperatures, strict=True)]
    likelihood = np.maximum(np.stack(cooled, axis=1), FLOOR)
    weights = mixture_proportions(likelihood).shares
    kept = weights >= LEAST
    weights = np.zeros_like(weights)
    weights[kept] = mixture_proportions(likelihood[:, kept]).shares
    return Weighing(temperatures, weights)


def crossed(answers: Sequence[Matrix], ground: Ground, scored: Mask) -> tuple[Matrix, Interval | None]:
    """Mixed probabilities (n, C) of every scored row by weights from the other folds, NaN elsewhere; and how many nats
    per row they are ahead of the best member, one standard error to both sides. None where there is one fold alone."""
    labels = ground.labels[ground.train]
    mixed = np.full_like(answers[0], np.nan)
    alone = np.full((len(answers), len(labels)), np.nan)
    for rows in _folds(ground, scored):
        rest = scored.copy()
        rest[rows] = False
        if not rest.any():
            return mixed, None
        weighing = weigh([p[rest] for p in answers], labels[rest])
        mixed[rows] = weighing.mixed([p[rows] for p in answers])
        alone[:, rows] = [_loss(p, labels[rows]) for p in weighing.cooled([p[rows] for p in answers])]
    best = alone[int(alone[:, scored].mean(axis=1).argmin())]
    difference = best[scored] - _loss(mixed[scored], labels[scored])
    return mixed, _bounded(difference, ground.groups(ground.train[scored]))


def _folds(ground: Ground, scored: Mask) -> list[Rows]:
    """The scored rows of each fold of the first repeat, as positions within `train`."""
    found = [rows[scored[rows]] for _, rows in first_repeat(ground.local_folds)]
    return [rows for rows in found if len(rows)]


def _loss(proba: Matrix, labels: Labels) -> Vector:
    return np.asarray(-np.log(np.maximum(proba[np.arange(len(labels)), labels], FLOOR)))


def _bounded(difference: Vector, groups: Sequence[str] | None) -> Interval:
    """The mean, one standard error to both sides; rows of one group count as one."""
    mean, n = float(difference.mean()), len(difference)
    deviation: Vector = difference - mean
    if groups is not None:
        of_group = np.unique(np.asarray(groups), return_inverse=True)[1]
        deviation = np.bincount(of_group, deviation).astype(np.float64)
    half = CREDIBLE * float(np.sqrt((deviation**2).sum() * len(deviation) / max(1, len(deviation) - 1)) / n)
    return Interval(mean, mean - half, mean + half, 0.683)


def _only(weighing: Weighing, weighted: Mask) -> Weighing:
    return Weighing(weighing.temperatures[weighted], weighing.weights[weighted])


def _entry(
    chosen: Sequence[Evaluated], weighing: Weighing, validation: Matrix, ground: Ground, ahead: Interval
) -> Evaluated:
    """The mixture as an entry: scored by the weights of the other folds, delivered with those of all rows."""
    shares = tuple(
        Share(name=each.name, kind=each.kind, weight=float(weight), bytes=each.bytes)
        for each, weight in zip(chosen, weighing.weights, strict=True)
    )
    members = tuple(
        Member(each.map, each.head, float(weight), float(temperature))
        for each, weight, temperature in zip(chosen, weighing.weights, weighing.temperatures, strict=True)
        if each.map is not None
    )
    backbones = backbones_of(member.map for member in members)
    size = sum(map(weights_of, backbones)) + sum(head_bytes(member.head) for member in members)
    latencies = [latency_of(backbone, ground.dataset.items[:TIMED]) for backbone in backbones]
    mixing = Mixing(
        shares=shares, gain=ahead, maps=len(backbones), bytes=size, latency=float(np.sum(latencies)), alone=latencies[0]
    )
    labels = ground.labels[ground.train]
    right = np.where(np.isnan(validation).any(axis=1), np.nan, correctness(np.nan_to_num(validation), labels))

    def refit(fit: Rows, score: Rows) -> Matrix:
        return weighing.mixed([each.refit(fit, score) for each in chosen if each.refit is not None])

    return Evaluated(
        name="mixture · " + " + ".join(f"{each.weight:.2f} {each.name}" for each in shares),
        kind="mixture",
        validation=validation,
        runs=right[None],
        test=weighing.mixed([each.test for each in chosen]) if len(ground.test) else chosen[0].test,
        head_name=" + ".join(each.head_name for each in chosen),
        cost=(float(size), len(members), 0),
        seconds=sum(each.seconds for each in chosen),
        bytes=size,
        refit=refit if all(each.refit for each in chosen) else None,
        training=next((each.training for each in chosen if each.training), None),
        members=members,
        mixing=mixing,
    )
