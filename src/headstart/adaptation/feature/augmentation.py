"""Frustratingly easy adaptation: shared and own copies of every column (Daumé III, ACL 2007), and the agreement of both
on unlabelled rows (EA++: Daumé III, Kumar & Saha, DANLP 2010)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from scipy import sparse

from headstart.adaptation.adapter import FeatureAdapter, Step, stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.moment_head import head_on_moments, mapped_moments
from headstart.errors import DataError
from headstart.heads.moments import Moments


def copies(X: Any, which: Literal["source", "target", "difference"]) -> Any:
    """(shared, source's own, target's own): [x, x, 0], [x, 0, x], or [0, x, -x]; (n, 3d), CSR for CSR.

    >>> copies(np.array([[7.0]]), "target")
    array([[7., 0., 7.]])
    """
    shared, source, target = {"source": (1, 1, 0), "target": (1, 0, 1), "difference": (0, 1, -1)}[which]
    if sparse.issparse(X):
        return sparse.hstack([shared * X, source * X, target * X], format="csr")
    return np.hstack([shared * X, source * X, target * X])


class FeatureAugmentation(FeatureAdapter):
    """A linear head then learns what both domains share beside what is peculiar to each. Needs some target labels.

    agreement  EA++: weight of the unlabelled target rows, together, in units of the source's rows; 0 is EA. Each enters
               as [0, x, -x] with every class alike: the two domains' own weights shall not tell classes apart there
    """

    name: ClassVar[str] = "augmentation"
    assumes: ClassVar[str] = "concept shift: some labels mean something else in the target"
    needs_target_labels: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = True
    moments_only: ClassVar[bool] = True

    def __init__(self, *, agreement: float = 0.0, head: Any = None) -> None:
        self.agreement = agreement
        self.head = head

    def fit_moments(self, source: Moments, target: Moments, classes: Any = None) -> Self:
        """Learn from class moments alone (`Moments.of`), of the source's rows and of the target's labelled rows.

        `head` has to be one that moments suffice for (None: LDA); `classes` (C,) names the classes, 0, 1 ... otherwise.
        """
        self.n_features_in_ = source.means.shape[1]
        self.classes_ = np.arange(len(source.counts)) if classes is None else np.asarray(classes)
        both = mapped_moments(source, lambda X: copies(X, "source"))
        both = both + mapped_moments(target, lambda X: copies(X, "target"))
        self.head_ = head_on_moments(self.head, both, np.arange(len(self.classes_)))
        return self

    def _learn(self, domains: Domains) -> None:
        if self.agreement < 0:
            raise DataError(f"agreement must not be negative, got {self.agreement}")
        known = domains.known
        X, y = stacked(*self._align(domains)), np.concatenate([domains.ys, domains.yt[known]])
        weights = np.ones(len(y))
        apart = domains.Xt[~known]
        if self.agreement and apart.shape[0]:
            difference = copies(apart, "difference")
            for code in range(domains.n_classes):
                X, y = stacked(X, difference), np.append(y, np.full(apart.shape[0], code))
            extra = len(y) - len(weights)
            weights = np.append(weights, np.full(extra, self.agreement * len(domains.ys) / extra))
        head = self._fresh_head()
        self.head_ = head.fit(X, y, sample_weight=weights)

    def _align(self, domains: Domains) -> tuple[Any, Any]:
        return copies(domains.Xs, "source"), copies(domains.Xt[domains.known], "target")

    def _features(self, X: Any) -> Any:
        return copies(X, "target")

    def steps(self) -> tuple[Step, ...]:
        return (("copies",),)
