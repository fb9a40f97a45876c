"""A rehearsal: what a method brings between parts of the source, where the truth is known.

Validators count how sure a method's answers are, and a method can be sure and wrong: rows that lie close together need
not be of one class. So it is tried between halves of the source, class by class, whose labels it does not see: between
the rows least like the target and those most like it, and between both ends of the direction in which rows of one class
differ most, there and back each time. The first asks about what sets the target apart, of which the source may hold
little; the second about the largest shift that the source has. The target's may be of another kind; a method that
cannot show a gain on these is not trusted with that.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headstart.adaptation.adapter import Adapter
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Mask, Matrix, Vector
from headstart.errors import DataError
from headstart.problem import UNLABELLED
from headstart.stats.covariance import principal

SURE = 2.0  # standard errors
MASTERED = 0.98  # of what there is to know: with so much known there is nothing left to gain


@dataclass(frozen=True)
class Rehearsal:
    """gain   accuracy above that without adaptation, on the rows of known truth; error: its standard error
    knowledge  accuracy beyond naming the commonest class, as a share of the most it could be
    """

    gain: float
    error: float
    knowledge: float

    @property
    def passed(self) -> bool:
        """Whether a gain beyond chance was seen, or, where all is known that could be gained, no loss."""
        return self.gain > SURE * self.error or (self.knowledge >= MASTERED and self.gain >= 0)


@dataclass(frozen=True, eq=False)
class Stage:
    """The source in two parts: domains to adapt between, the labels (n,) of the second, all of them, and its rows'
    places (n,) among those of the source."""

    domains: Domains
    truth: Labels
    places: Labels

    @classmethod
    def of(cls, domains: Domains, second: Mask, *, seed: int = 0) -> Stage:
        """From the other rows of the source to those of the mask `second` (ns,). As many labels of these are shown as
        the target has, half of them at most."""
        truth = domains.ys[second]
        shown = np.full(len(truth), UNLABELLED)
        few = min(int(domains.known.sum()), len(truth) // 2)
        rows = np.random.default_rng(seed).choice(len(truth), few, replace=False)
        shown[rows] = truth[rows]
        there = Domains(domains.Xs[~second], domains.ys[~second], domains.Xs[second], shown, domains.classes)
        return cls(there, truth, np.flatnonzero(second))

    def right(self, adapter: Adapter) -> Vector | None:
        """Right (1) or wrong (0) on the rows of unknown label; None where the method refuses these rows."""
        there, hidden = self.domains, ~self.domains.known
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # as for the trials
                adapter.fit(there.Xs, there.ys, there.Xt, there.yt)
        except DataError:
            return None
        return np.asarray(adapter.predict(there.Xt[hidden]) == self.truth[hidden], dtype=np.float64)


def stages(domains: Domains, likeness: Vector, compressed: Matrix, *, seed: int = 0) -> tuple[Stage, ...]:
    """likeness (ns,) of source rows to the target; compressed (ns, k): in few columns. None at all where a class has a
    single row or the source fewer than twenty."""
    if np.bincount(domains.ys).min() < 2 or len(domains.ys) < 20:
        return ()
    halves = [upper_half(along, domains.ys) for along in (likeness, widest(compressed, domains.ys))]
    return tuple(Stage.of(domains, second, seed=seed) for upper in halves for second in (upper, ~upper))


def rehearsed(
    stages: Sequence[Stage], right: Sequence[Vector | None], unadapted: Sequence[Vector | None]
) -> Rehearsal | None:
    """What a method brought on all stages together, both as `Stage.right` gives them; None where it refused one. The
    error is that of rows, not of answers: one row comes up on several stages."""
    gains, times = np.zeros((2, len(stages[0].domains.ys) + len(stages[0].truth)))
    known: list[float] = []
    for stage, mine, theirs in zip(stages, right, unadapted, strict=True):
        if mine is None or theirs is None:
            return None
        hidden = ~stage.domains.known
        gains[stage.places[hidden]] += mine - theirs
        times[stage.places[hidden]] += 1
        known.append(knowledge(float(mine.mean()), stage.truth[hidden]))
    mean = float(gains.sum() / times.sum())
    off = gains - mean * times
    return Rehearsal(mean, float(np.sqrt((off**2).sum()) / times.sum()), float(np.mean(known)))


def knowledge(accuracy: float, truth: Labels) -> float:
    """What an accuracy on rows of these labels (n,) is beyond naming the commonest class, as a share of the most.

    >>> round(knowledge(0.9, np.array([0, 0, 0, 1])), 3)
    0.6
    """
    commonest = float(np.bincount(truth).max() / len(truth))
    return (accuracy - commonest) / max(1 - commonest, 1 / len(truth))


def upper_half(along: Vector, codes: Labels) -> Mask:
    """Within each class the half (rounded down) of largest values: so the parts do not differ in class shares.

    >>> upper_half(np.array([1.0, 2.0, 3.0, 9.0, 8.0]), np.array([0, 0, 0, 1, 1])).tolist()
    [False, False, True, True, False]
    """
    upper = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        order = rows[np.argsort(along[rows], kind="stable")]
        upper[order[(len(rows) + 1) // 2 :]] = True
    return upper


def widest(X: Matrix, codes: Labels) -> Vector:
    """How far rows (n, d) lie along the direction (n,) in which those of one class differ most."""
    centred = np.array(X, dtype=np.float64)
    for code in np.unique(codes):
        centred[codes == code] -= centred[codes == code].mean(axis=0)
    return np.asarray(X @ principal(centred, most=1)[1]).sum(axis=1)  # of one column, or of none where nothing varies
