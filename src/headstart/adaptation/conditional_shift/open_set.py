"""Open-set targets: some target rows belong to none of the source's classes and are to be called unknown (the task of
Panareda Busto & Gall, ICCV 2017; unknown rows separated first as in Liu et al., CVPR 2019)."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import Adapter, Family, aligned_proba, stacked
from headstart.adaptation.conditional_shift.inner import Around
from headstart.adaptation.domains import Domains
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.unit_rows import unit_rows

NEAREST = 5
MOST_UNKNOWN = 0.6
BLOCK = 1024


class AllFar(UserWarning):
    """Most target rows lie far from the source: the domains differ, and unknown classes cannot be told from that."""


def farness(rows: Matrix, known: Matrix, *, skip: int = 0) -> Vector:
    """Distance of each row (n,) to its 5th nearest `known` row, rows of length one (Sun, Ming, Zhu & Li, ICML 2022);
    `skip` 1 where the rows are the known ones themselves."""
    known = unit_rows(known)
    place = min(NEAREST + skip, len(known)) - 1
    found = []
    for start in range(0, len(rows), BLOCK):
        cosines = unit_rows(rows[start : start + BLOCK]) @ known.T
        found.append(-np.partition(-cosines, place, axis=1)[:, place])
    return np.sqrt((2 - 2 * np.concatenate(found)).clip(min=0.0))


def unknown_share(source: Vector, target: Vector, *, usual: float = 0.05) -> float:
    """Which share of the target lies beyond what all but `usual` of the source's rows reach, less what chance puts
    there; 0 unless that is more than three standard errors."""
    beyond = float((target > np.quantile(source, 1 - usual)).mean())
    error = np.sqrt(usual * (1 - usual) * (1 / len(source) + 1 / len(target)))
    return (beyond - usual) / (1 - usual) if beyond > usual + 3 * error else 0.0


class OpenSet(Around):
    """Rows that lie farther from the source than its own rows do, after the inner method's maps, are taken for unknown;
    the inner method is fitted again without them, and a head with one more class learns to tell them from the others.

    inner    a method that maps both domains ("coral", "subspace" ...) or "none"
    share    of unknown target rows; None: estimated, 0 where nothing lies farther out than the source's own
    unknown  the label of the new class; None: "unknown", or -1 where labels are numbers

    Learned: share_, unknown_ (nt,) which target rows were taken for unknown.
    """

    name: ClassVar[str] = "open_set"
    family: ClassVar[Family] = "label shift"
    assumes: ClassVar[str] = "the target holds rows that belong to none of the source's classes"
    adds_unknown: ClassVar[bool] = True

    def __init__(
        self, *, inner: str = "none", share: float | None = None, unknown: Any = None, head: Any = None
    ) -> None:
        self.inner = inner
        self.share = share
        self.unknown = unknown
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if self.share is not None and not 0 <= self.share < 1:
            raise DataError(f"share of unknown rows lies in [0, 1), got {self.share}")
        label = self.unknown
        if label is None:
            label = -1 if domains.classes.dtype.kind in "iuf" else "unknown"
        if label in domains.classes:
            raise DataError(f"the source has a class {label!r} already; name the unknown class otherwise (`unknown`)")
        Zs, Zt = self._mapped(domains)
        self._separate(Zs, Zt, domains)
        if self.unknown_.any() and not self.unknown_.all():
            kept = ~self.unknown_
            Zs, Zt = self._mapped(
                Domains(domains.Xs, domains.ys, domains.Xt[kept], domains.yt[kept], domains.classes), domains
            )
            self._separate(Zs, Zt, domains)
        self.classes_ = np.append(domains.classes.astype(object), label) if domains.classes.dtype.kind == "O" else (
            np.append(domains.classes, label))  # fmt: skip
        far = self.unknown_
        codes = np.append(domains.ys, np.full(int(far.sum()), domains.n_classes))
        enlarged = Domains(stacked(Zs, Zt[far]), codes, domains.Xt, domains.yt, self.classes_)
        self.head_ = self._fitted_head(enlarged.Xs, enlarged, Zt)

    def _separate(self, Zs: Matrix, Zt: Matrix, domains: Domains) -> None:
        own, far = farness(Zs, Zs, skip=1), farness(Zt, Zs)
        self.share_ = unknown_share(own, far) if self.share is None else self.share
        if self.share is None and self.share_ > MOST_UNKNOWN:
            warnings.warn(
                f"open_set: {self.share_:.0%} of the target's rows lie farther from the source than its own rows do: "
                "a shift of all rows, which tells nothing of unknown classes; none was taken for unknown. Take an "
                "inner method that aligns (inner='coral'), or say which `share` is unknown",
                AllFar,
                stacklevel=4,
            )
            self.share_ = 0.0
        count = round(self.share_ * len(far))
        self.unknown_ = np.zeros(len(far), dtype=bool)
        self.unknown_[np.argsort(-far, kind="stable")[:count]] = True
        self.unknown_ &= ~domains.known

    def _mapped(self, domains: Domains, both: Domains | None = None) -> tuple[Matrix, Matrix]:
        """Fit the inner method on `domains`, and the rows of `both` through its maps."""
        self._fit_inner(domains)
        inner: Adapter = self.adapter_
        rows = domains if both is None else both
        if self.inner == "none":
            return rows.Xs, rows.Xt
        if not (hasattr(inner, "transform") and hasattr(inner, "transform_source")):
            raise DataError(
                f"open_set needs an inner method that maps both domains (coral, linear_map, batch_norm, subspace, "
                f"geodesic, transport) or 'none', got {self.inner!r}"
            )
        return inner.transform_source(rows.Xs), inner.transform(rows.Xt)

    def _features(self, X: Any) -> Any:
        return X if self.inner == "none" else self.adapter_.transform(X)

    def _proba(self, X: Any) -> Matrix:
        return aligned_proba(self.head_, self._features(X), len(self.classes_))

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self.head_.predict(self._features(X)))

    def answerer(self) -> Adapter:
        return self

    def steps(self) -> Any:
        return self.adapter_.steps()
