"""A rehearsal: what a method brings between parts of the source, where the truth is known.

Validators count how sure a method's answers are, and a method can be sure and wrong: rows that lie close together need
not be of one class. So it is tried on the way from the source rows least like the target to those most like it, class
by class, whose labels it does not see. The target's shift is larger and may be of another kind; a method that cannot
show a gain on this one is not trusted with that.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from headstart.adaptation.adapter import Adapter
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Mask, Vector
from headstart.errors import DataError
from headstart.problem import UNLABELLED

SURE = 2.0  # standard errors
MASTERED = 0.8  # of what there is to know: where so much is known, few rows are left to gain


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
        """Whether a gain beyond chance was seen, or, where classes are told apart all but completely, no loss."""
        return self.gain > SURE * self.error or (self.knowledge >= MASTERED and self.gain >= -self.error)


@dataclass(frozen=True, eq=False)
class Stage:
    """The source in two parts: domains to adapt between, and the labels (n,) of the second, all of them."""

    domains: Domains
    truth: Labels

    @classmethod
    def of(cls, domains: Domains, likeness: Vector, *, seed: int = 0) -> Stage | None:
        """likeness (ns,) of source rows to the target. As many labels of the second part are shown as the target has.
        None where a class has a single row or a part fewer than ten."""
        if np.bincount(domains.ys).min() < 2 or len(domains.ys) < 20:
            return None
        far = nearer_half(likeness, domains.ys)
        truth = domains.ys[far]
        shown = np.full(len(truth), UNLABELLED)
        few = min(int(domains.known.sum()), len(truth) // 2)
        rows = np.random.default_rng(seed).choice(len(truth), few, replace=False)
        shown[rows] = truth[rows]
        return cls(Domains(domains.Xs[~far], domains.ys[~far], domains.Xs[far], shown, domains.classes), truth)

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

    def rehearsed(self, right: Vector | None, unadapted: Vector) -> Rehearsal | None:
        """Both as `right` gives them."""
        if right is None:
            return None
        gains = right - unadapted
        hidden = self.truth[~self.domains.known]
        commonest = float(np.bincount(hidden).max() / len(hidden))
        room = max(1 - commonest, 1 / len(hidden))
        return Rehearsal(
            gain=float(gains.mean()), error=float(gains.std() / np.sqrt(len(gains))),
            knowledge=float((right.mean() - commonest) / room),
        )  # fmt: skip


def nearer_half(likeness: Vector, codes: Labels) -> Mask:
    """Within each class the half (rounded down) of largest likeness: so the parts do not differ in class shares.

    >>> nearer_half(np.array([1.0, 2.0, 3.0, 9.0, 8.0]), np.array([0, 0, 0, 1, 1])).tolist()
    [False, False, True, True, False]
    """
    near = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        order = rows[np.argsort(likeness[rows], kind="stable")]
        near[order[(len(rows) + 1) // 2 :]] = True
    return near
