"""No adaptation: the source classifier as it is. Every other method has to beat it."""

from __future__ import annotations

from typing import Any, ClassVar

from headstart.adaptation.adapter import Adapter, Family
from headstart.adaptation.domains import Domains


class NoAdaptation(Adapter):
    """The head fitted on the source, and on target rows of known label.

    >>> import numpy as np
    >>> Xs, ys = np.array([[0.0], [1.0], [4.0], [5.0]]), ["low", "low", "high", "high"]
    >>> NoAdaptation().fit(Xs, ys, Xs + 0.1).predict(np.array([[0.5]]))
    array(['low'], dtype='<U4')
    """

    name: ClassVar[str] = "none"
    family: ClassVar[Family] = "none"
    assumes: ClassVar[str] = "no shift"
    accepts_sparse: ClassVar[bool] = True
    least_target_rows: ClassVar[int] = 1

    def __init__(self, *, head: Any = None) -> None:
        self.head = head

    def _learn(self, domains: Domains) -> None:
        self.head_ = self._fitted_head(domains.Xs, domains, domains.Xt)
