"""The contract of every adaptation method: `fit(Xs, ys, Xt, yt=None)`, then predictions for target rows."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from headstart.adaptation.domains import Domains, as_given, as_rows
from headstart.adaptation.travelling import travelling_head
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.heads.logistic import Logistic

Step: TypeAlias = tuple[Any, ...]  # what `deployed.walked` does to rows: a word, and what it needs
Family: TypeAlias = Literal["none", "instance", "feature", "label shift", "choice"]


class Adapter(ClassifierMixin, BaseEstimator):
    """A classifier learned in a source domain for a target domain.

    Facts, read by `auto`, the docs and the contract tests:

    name                 its name in `ADAPTERS`
    family               what is moved: instances, features, the prior over classes
    assumes              which shift it is made for
    needs_source_labels  always so far
    needs_target_labels  some entries of yt must be known
    same_features        both sides share their columns; without it they may differ in width
    same_labels          both sides share their classes
    accepts_sparse       CSR rows are taken as they are
    moments_only         source and target enter through their moments alone: `fit_moments` exists
    maps_rows            `transform` exists
    many_sources         `fit` takes `source_of`, which names the source of each row
    adds_unknown         one more class, for target rows that belong to none
    least_target_rows    fewer say nothing of the target's distribution

    The classifier on top is the parameter `head`: any scikit-learn classifier with `sample_weight`; None takes logistic
    regression under the penalty that fits the source best, and on rows that the method has moved under the strongest
    that it can bear (`travelling_head`). Labels known in the target always join its training rows, one row counting as
    one row.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    assumes: ClassVar[str]
    needs_source_labels: ClassVar[bool] = True
    needs_target_labels: ClassVar[bool] = False
    same_features: ClassVar[bool] = True
    same_labels: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = False
    moments_only: ClassVar[bool] = False
    maps_rows: ClassVar[bool] = False
    many_sources: ClassVar[bool] = False
    adds_unknown: ClassVar[bool] = False
    least_target_rows: ClassVar[int] = 2

    head: Any
    head_: Any
    classes_: NDArray[Any]

    def fit(self, Xs: Any, ys: Any, Xt: Any, yt: Any = None) -> Self:
        """Learn from source rows Xs (ns, d) with labels ys (ns,), and target rows Xt (nt, d). Their
        width may be another where the method does not need the `same_features`.

        `yt` (nt,) holds target labels as far as known, -1 elsewhere. Raises `DataError` (see `Domains.of`), and for
        fewer target rows or labels than the method needs.
        """
        domains = Domains.of(Xs, ys, Xt, yt, accepts_sparse=self.accepts_sparse, same_features=self.same_features,
                             name=self.name)  # fmt: skip
        self._refuse_too_few(domains)
        self.classes_ = domains.classes
        self.n_features_in_ = domains.Xt.shape[1]
        self._learn(domains)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each target row (n,)."""
        X = self._checked(X)
        return self.classes_[self._codes(X)]

    def predict_proba(self, X: Any) -> Matrix:
        """Probabilities (n, C) of target rows, columns in the order of `classes_`."""
        return self._proba(self._checked(X))

    def steps(self) -> tuple[Step, ...]:
        """What happens to target rows before the head sees them, as plain values that can be saved."""
        return ()

    def moved_scores(self) -> tuple[float, Any]:
        """A temperature, and what is added (C,) to the head's log-probabilities after it: nothing for most."""
        return 1.0, 0.0

    def answerer(self) -> Adapter:
        """The method whose head answers, fitted on codes: itself, unless it chose or surrounds another."""
        return self

    @abstractmethod
    def _learn(self, domains: Domains) -> None:
        """Set `head_` and whatever else is learned."""

    def _features(self, X: Any) -> Any:
        """Target rows as the head sees them."""
        return X

    def _proba(self, X: Any) -> Matrix:
        return aligned_proba(self.head_, self._features(X), len(self.classes_))

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self.head_.predict(self._features(X)))

    def _checked(self, X: Any) -> Any:
        check_is_fitted(self)
        X = as_rows(X, accepts_sparse=self.accepts_sparse, method=self.name, name="X")
        if X.shape[1] != self.n_features_in_:
            raise DataError(f"X has {X.shape[1]} columns, {self.name} was fitted on {self.n_features_in_}")
        return X

    def _refuse_too_few(self, domains: Domains) -> None:
        rows = domains.Xt.shape[0]
        if rows < self.least_target_rows:
            raise DataError(
                f"{self.name} needs at least {self.least_target_rows} target rows to know where the target lies, got "
                f"{rows}; collect more (labels are not needed), or take 'none'"
            )
        if self.needs_target_labels and not domains.known.any():
            raise DataError(f"{self.name} needs some target labels: give yt, with -1 where a label is unknown")

    def _fresh_head(self) -> Any:
        """What stands on top, unfitted."""
        if self.head is not None:
            return clone(self.head)
        return travelling_head() if self.family == "feature" and not self.needs_target_labels else Logistic()

    def _fitted_head(self, Zs: Any, domains: Domains, Zt: Any, weights: Vector | None = None) -> Any:
        """The head on source rows Zs, weighted (ns,), and on the target rows of known label among Zt."""
        known = domains.known
        X, y = stacked(Zs, Zt[known]) if known.any() else Zs, np.concatenate([domains.ys, domains.yt[known]])
        head = self._fresh_head()
        if weights is None:
            return head.fit(X, y)
        return head.fit(X, y, sample_weight=np.concatenate([weights, np.ones(known.sum())]))


class FeatureAdapter(Adapter):
    """Both domains are mapped to where they look alike; the head learns there. Subclasses write `_align`, `_features`.

    `transform` maps target rows; `transform_source`, where a method has it, maps those of the source.
    """

    family: ClassVar[Family] = "feature"
    assumes: ClassVar[str] = "covariate shift: features move, their meaning stays"
    maps_rows: ClassVar[bool] = True

    def transform(self, X: Any) -> Any:
        """Target rows (n, d) where both domains look alike (n, k): tensors as tensors, on their device."""
        return as_given(self._features(self._checked(X)), X)

    def _learn(self, domains: Domains) -> None:
        Zs, Zt = self._align(domains)
        self.head_ = self._fitted_head(Zs, domains, Zt)

    @abstractmethod
    def steps(self) -> tuple[Step, ...]:
        """What happens to target rows before the head sees them, as plain values that can be saved."""

    @abstractmethod
    def _align(self, domains: Domains) -> tuple[Any, Any]:
        """Learn the maps; both domains' rows mapped."""


def aligned_proba(head: Any, X: Any, n_classes: int) -> Matrix:
    """Probabilities (n, n_classes) of a head fitted on class codes; 0 for classes it never saw."""
    if not hasattr(head, "predict_proba"):
        raise DataError(f"{type(head).__name__} gives no probabilities; take a head that does (logistic, lda, ridge)")
    proba = np.zeros((X.shape[0], n_classes))
    proba[:, np.asarray(head.classes_, dtype=np.int64)] = head.predict_proba(X)
    return proba


def stacked(first: Any, second: Any) -> Any:
    """Rows of both, CSR where either is."""
    if sparse.issparse(first) or sparse.issparse(second):
        return sparse.vstack([first, second], format="csr")
    return np.concatenate([first, second])
