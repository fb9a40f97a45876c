"""How well the source's head will do on the target, told without target labels.

Two heads learned from the source disagree about as often as one of them is wrong, and their agreement falls from one
domain to another as accuracy does (Jiang et al., ICLR 2022; Baek et al., NeurIPS 2022). Heads of one kind err alike:
two linear ones from two halves see too little alone, and a linear head against nearest neighbours is asked as well.
Beside it stands the share of target rows about which the head is as confident as it has to be at home (Garg et al.,
ICLR 2022).
Both assume that P(Y given X) did not change: a change of labels at the same x is invisible to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from headstart.arrays import Vector
from headstart.diagnosis.harm import answers
from headstart.diagnosis.labels import HeldOut
from headstart.diagnosis.nuisances import FOLDS, dealt_folds
from headstart.diagnosis.sampling import Sample
from headstart.stats.calibration import apply_temperature, fit_temperature
from headstart.stats.label_shift import shifted

NEAREST = 5  # neighbours that vote


@dataclass(frozen=True)
class Expected:
    """Accuracies: measured on held-out source rows, expected on the target by agreement, and by confidence."""

    source: float
    target: float
    by_confidence: float

    @property
    def loss(self) -> float:
        return self.source - self.target


def foretell(sample: Sample, held: HeldOut, target_shares: Vector | None, *, rng: np.random.Generator) -> Expected:
    """held: the head's answers on held-out source rows and the target; target_shares: where only these differ."""
    accuracy = float((held.source.argmax(axis=1) == held.labels).mean())
    home, away = agreement(sample, held, rng=rng)
    by_agreement = float(np.clip(accuracy - (home - away), 0.0, 1.0))
    return Expected(accuracy, by_agreement, by_confidence(held, accuracy, target_shares))


def agreement(sample: Sample, held: HeldOut, *, rng: np.random.Generator) -> tuple[float, float]:
    """How often two heads say the same, on source rows neither saw and on the target: the mean of two linear heads from
    two halves of the source, and of a linear head and the nearest neighbours."""
    rows = sample.sides[0].labelled
    source, target, n_classes = sample.mapped[0][rows], sample.mapped[1], held.source.shape[1]
    groups = None if sample.groups is None else sample.groups[0][rows]
    fold_of = dealt_folds(groups, held.labels, rng=rng)
    home, away = [], []
    for fold in range(FOLDS):
        asked = source[fold_of == fold]
        known = rng.permutation(np.flatnonzero(fold_of != fold))
        if not len(asked) or len(known) < 2:
            continue
        every = np.concatenate([asked, target])
        whole, first, second = (
            answers(source[part], held.labels[part], every, n_classes).argmax(axis=1)
            for part in (known, *np.array_split(known, 2))
        )
        near = KNeighborsClassifier(min(NEAREST, len(known))).fit(source[known], held.labels[known]).predict(every)
        for same in (first == second, whole == near):
            home.append(same[: len(asked)].mean())
            away.append(same[len(asked) :].mean())
    return float(np.mean(home)), float(np.mean(away))


def by_confidence(held: HeldOut, accuracy: float, target_shares: Vector | None) -> float:
    """Share of target rows above the confidence that as many source rows exceed as are right."""
    temperature = fit_temperature(held.source, held.labels)
    own, other = (apply_temperature(side, temperature) for side in (held.source, held.target))
    if target_shares is not None:
        shares = np.bincount(held.labels, minlength=own.shape[1]) / len(held.labels)
        other = shifted(other, shares, target_shares)
    threshold = np.quantile(own.max(axis=1), 1 - accuracy)
    return float((other.max(axis=1) >= threshold).mean())
