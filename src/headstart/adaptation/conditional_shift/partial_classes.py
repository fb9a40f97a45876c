"""Partial targets: the target shows some of the source's classes only, and the others must not attract its rows (class
weights as in Cao, Ma, Long & Wang, ECCV 2018, from the target's estimated class shares)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Family
from headstart.adaptation.conditional_shift.inner import Around
from headstart.adaptation.domains import Domains
from headstart.adaptation.label_shift.em import EMPrior
from headstart.arrays import Mask
from headstart.errors import DataError


class PartialClasses(Around):
    """In turn: the target's class shares, by EM after the inner method; and the inner method without the source rows of
    classes that hardly occur.

    inner   method for the rest ("none", "coral" ...)
    least   a class stays if the target's share of it is at least this multiple of an even share
    rounds  of both at most

    Classes that some target row is known to have always stay. Learned: prior_ (C,) and kept_ (C,) which classes stay.
    """

    name: ClassVar[str] = "partial_classes"
    family: ClassVar[Family] = "label shift"
    assumes: ClassVar[str] = "the target lacks some of the source's classes"

    def __init__(
        self, *, inner: str = "none", least: float = 0.2, rounds: int = 3, seed: int = 0, head: Any = None
    ) -> None:
        self.inner = inner
        self.least = least
        self.rounds = rounds
        self.seed = seed
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if not 0 <= self.least < 1 or self.rounds < 1:
            raise DataError(f"least lies in [0, 1) and rounds are at least 1, got {self.least} and {self.rounds}")
        self.kept_: Mask = np.ones(domains.n_classes, dtype=bool)
        for _ in range(self.rounds):
            part = self._part(domains)
            self._fit_inner(part)
            self.prior_ = self._shares(part, domains.n_classes)
            shown = self.prior_ >= self.least / self.kept_.sum()
            shown[domains.yt[domains.known]] = True
            shown[np.argsort(-self.prior_)[:2]] = True  # one class alone is nothing to tell apart
            if (shown == self.kept_).all():
                break
            self.kept_ = shown & self.kept_
        self._fit_inner(self._part(domains))

    def _part(self, domains: Domains) -> Domains:
        stay = self.kept_[domains.ys]
        return Domains(domains.Xs[stay], domains.ys[stay], domains.Xt, domains.yt, domains.classes)

    def _shares(self, part: Domains, n_classes: int) -> Any:
        """The target's class shares (C,), from rows as the inner method shows them to its head."""
        inner = self.adapter_
        maps = hasattr(inner, "transform") and hasattr(inner, "transform_source")
        Zs, Zt = (inner.transform_source(part.Xs), inner.transform(part.Xt)) if maps else (part.Xs, part.Xt)
        prior = EMPrior(head=self.head, seed=self.seed, tolerance=1e-4).fit(Zs, part.ys, Zt, part.yt)
        full = np.zeros(n_classes)
        full[prior.classes_] = prior.prior_
        return full
