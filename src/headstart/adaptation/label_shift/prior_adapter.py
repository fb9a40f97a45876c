"""What label-shift methods share: one source classifier, calibrated out of fold, and a new prior over its classes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from headstart.adaptation.adapter import Adapter, Family, aligned_proba
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.label_shift import bias_corrected_temperature, shifted


class PriorAdapter(Adapter):
    """Subclasses write `_shares`. Learned: prior_ (C,) of the target and source_prior_; calibration_."""

    family: ClassVar[Family] = "label shift"
    assumes: ClassVar[str] = "label shift: classes come in other proportions, each looks the same"
    accepts_sparse: ClassVar[bool] = True

    folds: int
    seed: int

    def fit_batches(self, Xs: Any, ys: Any, target: Iterable[Any]) -> Self:
        """As `fit`, the target's rows coming in batches (n_i, d): only their probabilities (n, C) are kept.

        Raises `DataError` as `fit` does, and where no batch comes.
        """
        batches = iter(target)
        first = next(batches, None)
        if first is None:
            raise DataError(f"{self.name} got no batch of target rows")
        domains = Domains.of(Xs, ys, first, accepts_sparse=self.accepts_sparse, name=self.name)
        self.classes_, self.n_features_in_ = domains.classes, domains.Xs.shape[1]
        held_out, y = self._prepare(domains)
        proba = [aligned_proba(self.head_, self._checked(X), domains.n_classes) for X in (first, *batches)]
        self.prior_ = self._shares(held_out, y, self.calibration_.apply(np.concatenate(proba)))
        return self

    def _learn(self, domains: Domains) -> None:
        held_out, y = self._prepare(domains)
        proba = aligned_proba(self.head_, domains.Xt, domains.n_classes)
        self.prior_ = self._shares(held_out, y, self.calibration_.apply(proba))

    def _prepare(self, domains: Domains) -> tuple[Matrix, Labels]:
        """The head, its calibration, and calibrated probabilities of held-out source rows with their codes."""
        self.head_ = self._fitted_head(domains.Xs, domains, domains.Xt)
        self.source_prior_ = np.bincount(domains.ys, minlength=domains.n_classes) / len(domains.ys)
        held_out = self._out_of_fold(domains)
        scored = ~np.isnan(held_out).any(axis=1)
        self.calibration_ = bias_corrected_temperature(held_out[scored], domains.ys[scored])
        return self.calibration_.apply(held_out[scored]), domains.ys[scored]

    @abstractmethod
    def _shares(self, source: Matrix, y: Labels, target: Matrix) -> Vector:
        """The target's prior (C,), from calibrated probabilities of both sides and the source's codes."""

    def _out_of_fold(self, domains: Domains) -> Matrix:
        """Probabilities (ns, C) of source rows by heads that did not see them; NaN for classes too small to fold."""
        counts = np.bincount(domains.ys)
        folded = np.flatnonzero(counts[domains.ys] >= self.folds)
        if not len(folded):  # so few rows: those the head has seen have to do
            return aligned_proba(self.head_, domains.Xs, domains.n_classes)
        proba = np.full((len(domains.ys), domains.n_classes), np.nan)
        head = self._fresh_head()
        splitter = StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)
        for _, score in splitter.split(np.zeros(len(folded)), domains.ys[folded]):
            held = folded[score]
            rest = np.setdiff1d(np.arange(len(domains.ys)), held)
            fitted = clone(head).fit(domains.Xs[rest], domains.ys[rest])
            proba[held] = aligned_proba(fitted, domains.Xs[held], domains.n_classes)
        return proba

    def _proba(self, X: Any) -> Matrix:
        proba = self.calibration_.apply(aligned_proba(self.head_, X, len(self.classes_)))
        return shifted(proba, self.source_prior_, self.prior_)

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self._proba(X).argmax(axis=1))

    def moved_scores(self) -> tuple[float, Vector]:
        return self.calibration_.temperature, self.calibration_.bias + log_ratio(self.prior_, self.source_prior_)


def log_ratio(prior: Vector, source_prior: Vector) -> Vector:
    """log prior / source_prior (C,); -inf for a class that the target does not show: it has no chance."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.where(source_prior > 0, prior / np.maximum(source_prior, 1e-300), 0.0)))
