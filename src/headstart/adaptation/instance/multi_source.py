"""Multi-source TrAdaBoost: each round believes the source that helps the target most (Yao & Doretto, CVPR 2010)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from headstart.adaptation.adapter import stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.tradaboost import TrAdaBoost, boosted, weighted_error
from headstart.arrays import Labels, same_length
from headstart.errors import DataError


class MultiSourceTrAdaBoost(TrAdaBoost):
    """`fit(Xs, ys, Xt, yt, source_of)`: source_of (ns,) names the source of each row; None: all are of one.

    In each round a head is fitted on each source together with the labelled target rows, and the one of least weighted
    error on these is kept. `WithDomains` tells sources apart by positive numbers.

    Learned: `TrAdaBoost`'s, and sources_, the source that each kept head came from.
    """

    name: ClassVar[str] = "multi_source"
    assumes: ClassVar[str] = "several sources, of which some agree with the target labels at hand"
    many_sources: ClassVar[bool] = True

    def fit(self, Xs: Any, ys: Any, Xt: Any, yt: Any = None, source_of: Any = None) -> Self:
        """As `Adapter.fit`. Raises `DataError` where `source_of` has another length than ys."""
        if source_of is not None:
            same_length(ys, source_of, names=("source labels", "source_of"))
        self.source_of_ = np.zeros(len(ys), dtype=np.int64) if source_of is None else np.asarray(source_of)
        return super().fit(Xs, ys, Xt, yt)

    def _learn(self, domains: Domains) -> None:
        if self.rounds < 1:
            raise DataError(f"rounds must be at least 1, got {self.rounds}")
        known = domains.known
        X, y = stacked(domains.Xs, domains.Xt[known]), np.concatenate([domains.ys, domains.yt[known]])
        is_target = np.arange(len(y)) >= len(domains.ys)
        names, places = np.unique(self.source_of_, return_inverse=True)
        parts = [
            np.flatnonzero(np.append(places == part, np.ones(known.sum(), dtype=bool))) for part in range(len(names))
        ]
        weights = self._first_weights(is_target)
        fitted, votes, sources = [], [], []
        for _ in range(self.rounds):
            heads = [self._weighted_head(X[rows], y[rows], weights[rows]) for rows in parts]
            said = [np.asarray(head.predict(X)) for head in heads]
            errors = [weighted_error(weights, each != y, is_target) for each in said]
            best = int(np.argmin(errors))
            wrong = said[best] != y
            done = boosted(weights, wrong, is_target, n_classes=domains.n_classes, rounds=self.rounds)
            fitted.append(heads[best])
            votes.append(done.vote)
            sources.append(names[best])
            weights = done.weights
            if not wrong[is_target].any():
                break
        self._keep_later(fitted, votes, weights[~is_target])
        self.sources_: Labels = np.array(sources[len(sources) // 2 :])
