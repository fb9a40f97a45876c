"""What methods share that need each domain's mean and covariance only: one mergeable pass over each side."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter
from headstart.adaptation.domains import Domains, as_given, dense
from headstart.adaptation.feature.moment_head import head_on_moments, mapped_moments
from headstart.adaptation.feature.spread import Spread, mapped_about
from headstart.arrays import Matrix
from headstart.heads.moments import Moments


class MomentAdapter(FeatureAdapter):
    """Subclasses learn two maps from two `Spread`s, which they keep as `source_` and `target_`."""

    source_: Spread
    target_: Spread

    moments_only: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = True

    def fit_moments(self, source: Moments, target: Moments, classes: Any = None) -> Self:
        """Learn from moments alone (`Moments.of` on rows in any batches, added up).

        Where the source's moments tell classes apart, a head is fitted on them as well: `head`, which has to be one
        that moments suffice for (None: LDA); `classes` (C,) names them, 0, 1 ... otherwise. With the moments of all
        rows together only the maps are learned: `transform_source` and `transform` work, `predict` does not.
        """
        self.n_features_in_ = source.means.shape[1]
        self._learn_maps(Spread.of_moments(source), Spread.of_moments(target))
        if len(source.counts) > 1:
            self.classes_ = np.arange(len(source.counts)) if classes is None else np.asarray(classes)
            moved = mapped_moments(source, self._source_features)
            self.head_ = head_on_moments(self.head, moved, np.arange(len(self.classes_)))
        return self

    def transform_source(self, X: Any) -> Any:
        """Source rows (n, d) where both domains look alike (n, k)."""
        return as_given(self._source_features(self._checked(X)), X)

    @abstractmethod
    def _learn_maps(self, source: Spread, target: Spread) -> None:
        """Set `source_`, `target_` and whatever the maps need."""

    @abstractmethod
    def _source_map(self, centred: Matrix) -> Matrix:
        """Some source rows (n, d) about their domain's mean, mapped."""

    @abstractmethod
    def _target_map(self, centred: Matrix) -> Matrix:
        """Some target rows (n, d) about their domain's mean, mapped."""

    def _align(self, domains: Domains) -> tuple[Any, Any]:
        Xs, Xt = (dense(X, method=self.name) for X in (domains.Xs, domains.Xt))
        self._learn_maps(Spread.of(Xs), Spread.of(Xt))
        return self._source_features(Xs), self._features(Xt) if domains.known.any() else Xt  # which nobody reads then

    def _source_features(self, X: Any) -> Matrix:
        return mapped_about(dense(X, method=self.name), self.source_.mean, self._source_map)

    def _features(self, X: Any) -> Matrix:
        return mapped_about(dense(X, method=self.name), self.target_.mean, self._target_map)
