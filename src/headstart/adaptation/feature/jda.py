"""Joint distribution adaptation: align the means of the domains and of each class, the target's classes being guessed
anew in every round (Long et al., ICCV 2013; balanced: Wang et al., ICDM 2017)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.balance import estimated_balance
from headstart.adaptation.feature.components import mean_contrast
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.unit_rows import unit_rows


def class_contrasts(codes: Labels, is_target: Any, n_classes: int, *, balance: float) -> Matrix:
    """E (n, r) with E E' = 2(1 - balance) M0 + 2 balance Σ_c M_c, scaled to Frobenius norm 1; classes that either side
    lacks are left out. codes are -1 where no class is known or guessed."""
    columns: list[Vector] = [np.sqrt(2 * (1 - balance)) * mean_contrast(is_target)]
    for code in range(n_classes):
        member = codes == code
        source, target = member & ~is_target, member & is_target
        if source.any() and target.any():
            columns.append(np.sqrt(2 * balance) * (source / source.sum() - target / target.sum()))
    E = np.stack(columns, axis=1)
    return E / np.sqrt(max(float(np.linalg.norm(E.T @ E)), 1e-300))


def joint_projection(X: Matrix, E: Matrix, *, ridge: float, components: int) -> Matrix:
    """A (r, k): the smallest solutions of (X'EE'X + ridge I) a = φ X'HX a, for rows X (n, r); eq. 11.

    Solved as the largest of the inverse problem, whose right-hand side is positive definite.
    """
    centred = X - X.mean(axis=0)
    pulled = X.T @ E
    count = min(components, X.shape[1])
    right = pulled @ pulled.T + ridge * np.eye(X.shape[1])
    last = X.shape[1] - 1
    return np.asarray(linalg.eigh(centred.T @ centred, right, subset_by_index=[last - count + 1, last])[1][:, ::-1])


class JDA(FeatureAdapter):
    """components  to keep. ridge: on the projection; rows of unit length and .1 are the paper's
    balance     0 aligns the domains' means only, 1 the classes' only, .5 is JDA; None estimates it in every round
    rounds      of guessing the target's classes and aligning again
    unit        bring rows to length one before and after, as the paper does

    Learned: map_ (d, k), balance_ (of the last round), changes_ (the share of guesses each round changed),
    gap_ (the last of them).
    """

    name: ClassVar[str] = "jda"

    def __init__(
        self, *, components: int = 100, ridge: float = 0.1, balance: float | None = 0.5, rounds: int = 10,
        unit: bool = True, head: Any = None,
    ) -> None:  # fmt: skip
        self.components = components
        self.ridge = ridge
        self.balance = balance
        self.rounds = rounds
        self.unit = unit
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if (
            not 0 <= (0.5 if self.balance is None else self.balance) <= 1
            or not self.ridge > 0
            or self.rounds < 1
            or self.components < 1
        ):
            raise DataError(
                f"JDA takes balance in [0, 1], ridge > 0, rounds and components of at least 1; got {self.get_params()}"
            )
        Xs, Xt = self._prepared(domains.Xs), self._prepared(domains.Xt)
        X, is_target = np.concatenate([Xs, Xt]), np.arange(len(Xs) + len(Xt)) >= len(Xs)
        basis = row_space(X)
        inside = X @ basis
        guesses = np.where(domains.known, domains.yt, -1)
        self.changes_: list[float] = []
        self.balance_ = 0.5 if self.balance is None else self.balance
        for _ in range(self.rounds):
            E = class_contrasts(
                np.concatenate([domains.ys, guesses]), is_target, domains.n_classes, balance=self.balance_
            )
            self.map_ = basis @ joint_projection(inside, E, ridge=self.ridge, components=self.components)
            Zs, Zt = self._projected(Xs), self._projected(Xt)
            self.head_ = self._fitted_head(Zs, domains, Zt)
            found = np.where(domains.known, domains.yt, np.asarray(self.head_.predict(Zt), dtype=np.int64))
            self.changes_.append(float((found != guesses).mean()))
            if self.changes_[-1] == 0:
                break
            guesses = found
            if self.balance is None:
                self.balance_ = estimated_balance(Zs, domains.ys, Zt, guesses, domains.n_classes)
        self.gap_, self.converged_ = self.changes_[-1], self.changes_[-1] == 0

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        raise NotImplementedError  # the map and the head are learned together

    def _prepared(self, X: Matrix) -> Matrix:
        return np.asarray(unit_rows(X) if self.unit else X, dtype=np.float64)

    def _projected(self, X: Matrix) -> Matrix:
        Z = X @ self.map_
        return np.asarray(unit_rows(Z) if self.unit else Z)

    def _features(self, X: Any) -> Matrix:
        return self._projected(self._prepared(X))

    def steps(self) -> tuple[Step, ...]:
        unit: tuple[Step, ...] = (("unit",),) if self.unit else ()
        return (*unit, ("times", self.map_), *unit)


class BalancedJDA(JDA):
    """BDA: `JDA` whose balance between the domains' means and the classes' is estimated from the rows."""

    name: ClassVar[str] = "bda"

    def __init__(
        self, *, components: int = 100, ridge: float = 0.1, balance: float | None = None, rounds: int = 10,
        unit: bool = True, head: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            components=components, ridge=ridge, balance=balance, rounds=rounds, unit=unit, head=head
        )  # fmt: skip


def row_space(X: Matrix) -> Matrix:
    """Orthonormal columns (d, r) that span the rows: the projection never needs more."""
    n, d = X.shape
    if d <= n:
        return np.eye(d)
    return np.asarray(linalg.qr(X.T, mode="economic")[0])
