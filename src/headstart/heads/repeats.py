"""Out-of-fold answers over repeated cross-validation: mean probabilities, and right or wrong in every repeat."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Labels, Matrix, Rows


class Repeats:
    """Filled fold by fold; a row's r-th scoring belongs to repeat r.

    times       (n,) how often each row was scored
    mean_proba  (n, C) probabilities averaged over repeats, NaN for rows never scored
    right       (repeats, n) 1 right, 0 wrong, NaN not scored
    """

    def __init__(self, n: int, n_classes: int) -> None:
        self._total = np.zeros((n, n_classes))
        self._right = np.full((0, n), np.nan)
        self.times = np.zeros(n, dtype=np.int64)

    def add(self, rows: Rows, proba: Matrix, labels: Labels) -> None:
        """Probabilities (m, C) of `rows` (m,) given by a model that saw none of them, and their labels (m,)."""
        self._total[rows] += proba
        missing = int(self.times[rows].max(initial=-1)) + 1 - len(self._right)
        if missing > 0:
            self._right = np.vstack([self._right, np.full((missing, len(self.times)), np.nan)])
        self._right[self.times[rows], rows] = proba.argmax(axis=1) == labels
        self.times[rows] += 1

    @property
    def mean_proba(self) -> Matrix:
        return self._total / np.where(self.times > 0, self.times, np.nan)[:, None]

    @property
    def right(self) -> Matrix:
        return self._right

    @property
    def scored(self) -> Rows:
        """The rows scored at least once."""
        return np.flatnonzero(self.times)

    @property
    def correct(self) -> Matrix:
        """(n_scored,) the share of its repeats in which each scored row was right."""
        return np.asarray(np.nanmean(self._right[:, self.scored], axis=0))
