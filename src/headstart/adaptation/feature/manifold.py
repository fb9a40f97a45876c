"""Adaptation regularisation: one kernel machine that fits the source's labels, brings the domains' and the classes'
means together and is smooth along the rows of both (ARTL: Long, Wang, Ding, Pan & Yu, TKDE 2014; rows aligned first:
MEDA, Wang et al., ACM Multimedia 2018)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import linalg, sparse

from headstart.adaptation.adapter import Adapter, Family, Step
from headstart.adaptation.deployed import AdaptedHead
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.jda import class_contrasts
from headstart.adaptation.feature.kernel_space import KernelSpace
from headstart.arrays import Labels, Mask, Matrix
from headstart.errors import DataError
from headstart.heads.unit_rows import unit_rows
from headstart.stats.calibration import fit_temperature

LANDMARKS = 1000
BLOCK = 1024


def laplacian(X: Matrix, neighbours: int) -> Any:
    """The normalised Laplacian I - D^(-1/2) W D^(-1/2) of rows X (n, d) of length one, CSR; W holds the cosines, where
    positive, between each row and its nearest `neighbours`."""
    n = len(X)
    count = min(neighbours, n - 1)
    rows, columns, weights = [], [], []
    for start in range(0, n, BLOCK):
        cosines = X[start : start + BLOCK] @ X.T
        here = np.arange(len(cosines))
        cosines[here, start + here] = -np.inf
        near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        rows.append(np.repeat(start + here, count))
        columns.append(near.ravel())
        weights.append(np.take_along_axis(cosines, near, axis=1).ravel().clip(min=0.0))
    W = sparse.csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    W = W.maximum(W.T)
    degrees = np.asarray(W.sum(axis=1)).ravel()
    root = sparse.diags(np.where(degrees > 0, 1 / np.sqrt(np.where(degrees > 0, degrees, 1.0)), 0.0))
    return sparse.csr_matrix(sparse.eye(n) - root @ W @ root)


class KernelMachine:
    """The f = K α that minimises, for contrasts of means E that may change from one call to the next,

    Σ_labelled |y - f|² + ridge |f|²_K + strength |E'f|² + smoothness tr(f'Lf);

    eq. 13 of ARTL. What does not change is factorised once; E, of few columns, enters by Woodbury's identity.
    """

    def __init__(
        self, space: KernelSpace, Y: Matrix, labelled: Mask, L: Any, *, ridge: float, strength: float, smoothness: float
    ) -> None:
        A, self.Phi, self.exact, self.strength = labelled.astype(np.float64), space.training, space.exact, strength
        smoothed = A[:, None] * self.Phi + smoothness * np.asarray(L @ self.Phi)
        left = smoothed if self.exact else self.Phi.T @ smoothed
        left[np.diag_indices(len(left))] += ridge
        self.factor = linalg.lu_factor(left, overwrite_a=True) if self.exact else linalg.cho_factor(left)
        self.start = self._solved(A[:, None] * Y if self.exact else self.Phi.T @ (A[:, None] * Y))

    def weights(self, E: Matrix) -> Matrix:
        """α (n, C) where the kernel matrix is exact, else the weights (m, C) of its coordinates; E (n, r)."""
        pulled = self.Phi.T @ E
        through = self._solved(E if self.exact else pulled)
        core = np.eye(E.shape[1]) / self.strength + pulled.T @ through if self.strength else None
        if core is None:
            return self.start
        return np.asarray(self.start - through @ linalg.solve(core, pulled.T @ self.start))

    def _solved(self, right: Matrix) -> Matrix:
        solve = linalg.lu_solve if self.exact else linalg.cho_solve
        return np.asarray(solve(self.factor, right))


class Manifold(Adapter):
    """neighbours  of each row in the graph; smoothness: weight of agreement along it
    strength    weight of bringing means together; balance: 0 the domains', 1 the classes', as in `jda`
    ridge       on the machine itself. bandwidth: of the kernel, in multiples of the median distance
    rounds      of guessing the target's classes and solving again
    landmarks   None: exact up to 1,000 rows of both sides together, 1,000 landmarks (Nyström) beyond
    head        makes the first guesses only; the answers are the machine's

    Rows are taken about their own domain's mean and brought to length one. Learned: changes_ (the share of guesses each
    round changed), gap_ (the last of them), converged_.
    """

    name: ClassVar[str] = "manifold"
    family: ClassVar[Family] = "feature"
    assumes: ClassVar[str] = "features move; rows that lie close together share their class"

    def __init__(
        self, *, neighbours: int = 10, smoothness: float = 1.0, strength: float = 10.0, balance: float = 0.5,
        ridge: float = 0.1, bandwidth: float = 1.0, rounds: int = 10, landmarks: int | None = None, seed: int = 0,
        head: Any = None,
    ) -> None:  # fmt: skip
        self.neighbours = neighbours
        self.smoothness = smoothness
        self.strength = strength
        self.balance = balance
        self.ridge = ridge
        self.bandwidth = bandwidth
        self.rounds = rounds
        self.landmarks = landmarks
        self.seed = seed
        self.head = head

    def _learn(self, domains: Domains) -> None:
        self._refuse_wrong_parameters()
        means = [X.mean(axis=0, dtype=np.float64) for X in (domains.Xs, domains.Xt)]
        sides = [np.asarray(unit_rows(X - mean)) for X, mean in zip((domains.Xs, domains.Xt), means, strict=True)]
        self.mean_ = means[1]
        X, ns = np.concatenate(sides), len(domains.ys)
        landmarks = LANDMARKS if self.landmarks is None and len(X) > LANDMARKS else self.landmarks
        self.space_ = space = KernelSpace.of(
            X, kernel="gaussian", bandwidth=self.bandwidth, landmarks=landmarks, seed=self.seed
        )
        L, is_target = laplacian(X, self.neighbours), np.arange(len(X)) >= ns
        labels = np.concatenate([domains.ys, domains.yt])
        labelled, Y = labels >= 0, np.eye(domains.n_classes)[labels.clip(min=0)]
        machine = KernelMachine(
            space, Y, labelled, L, ridge=self.ridge, strength=self.strength, smoothness=self.smoothness
        )
        guesses = self._first_guesses(sides, domains)
        self.changes_: list[float] = []
        for _ in range(self.rounds):
            E = class_contrasts(
                np.concatenate([domains.ys, guesses]), is_target, domains.n_classes, balance=self.balance
            )
            weights = machine.weights(E)
            scores = space.product(weights) if space.exact else space.training @ weights
            found = np.where(domains.known, domains.yt, scores[ns:].argmax(axis=1))
            self.changes_.append(float((found != guesses).mean()))
            if self.changes_[-1] == 0:
                break
            guesses = found
        self.gap_, self.converged_ = self.changes_[-1], self.changes_[-1] == 0
        self.head_ = self._machine(weights, scores[labelled], labels[labelled])

    def _first_guesses(self, sides: list[Matrix], domains: Domains) -> Labels:
        head = self._fresh_head()
        said = np.asarray(head.fit(sides[0], domains.ys).predict(sides[1]), dtype=np.int64)
        return np.where(domains.known, domains.yt, said)

    def _machine(self, weights: Matrix, scores: Matrix, labels: Labels) -> AdaptedHead:
        """The answers as a linear head on kernel values, at the temperature that fits the labels known."""
        head = AdaptedHead()
        head.steps_, head.classes_ = (), np.arange(weights.shape[1])
        head.coef_ = weights if self.space_.spreading is None else self.space_.spreading @ weights
        head.intercept_ = np.zeros(weights.shape[1])
        head.n_features_in_ = len(head.coef_)
        centred = scores - scores.max(axis=1, keepdims=True)
        head.temperature_ = fit_temperature(centred - 1e-300, labels, smoothing=1 / (len(labels) + 1))
        return head

    def _features(self, X: Any) -> Matrix:
        return self.space_.compared(np.asarray(unit_rows(X - self.mean_)))

    def steps(self) -> tuple[Step, ...]:
        return ("subtract", self.mean_), ("unit",), ("gaussian", self.space_.columns, self.space_.bandwidth)

    def _refuse_wrong_parameters(self) -> None:
        if not (self.ridge > 0 and self.smoothness >= 0 and self.strength >= 0 and 0 <= self.balance <= 1):
            raise DataError(
                f"manifold takes ridge > 0, smoothness and strength that are not negative and balance in [0, 1]; got "
                f"{self.ridge}, {self.smoothness}, {self.strength} and {self.balance}"
            )
        if self.neighbours < 1 or self.rounds < 1:
            raise DataError(f"neighbours and rounds must be at least 1, got {self.neighbours} and {self.rounds}")
