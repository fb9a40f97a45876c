"""Methods that prepare the rows and then hand them to another method."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from headstart.adaptation import ADAPTERS
from headstart.adaptation.adapter import Adapter
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError


class Around(Adapter):
    """inner: the name of the method that adapts what is left. Learned: adapter_, fitted on codes."""

    inner: str
    adapter_: Adapter

    def _inner(self) -> Adapter:
        adapter: Adapter = ADAPTERS[self.inner]()
        if isinstance(adapter, Around) or adapter.needs_target_labels or adapter.family == "choice":
            raise DataError(f"inner takes a method that stands alone and needs no target labels, got {self.inner!r}")
        return adapter.set_params(head=None if self.head is None else clone(self.head))

    def _fit_inner(self, domains: Domains) -> None:
        self.adapter_ = self._inner()
        self.adapter_.fit(domains.Xs, domains.ys, domains.Xt, domains.yt)
        self.head_ = self.adapter_.head_

    def answerer(self) -> Adapter:
        return self.adapter_

    def _proba(self, X: Any) -> Matrix:
        full = np.zeros((X.shape[0], len(self.classes_)))
        full[:, self.adapter_.classes_] = self.adapter_.predict_proba(X)
        return full

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self.adapter_.predict(X), dtype=np.int64)
