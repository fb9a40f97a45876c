"""Transfer component analysis and its semi-supervised form (Pan, Tsang, Kwok & Yang, IEEE TNN 2011)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.adapter import FeatureAdapter, Step
from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.components import (
    components_of_coordinates,
    mean_contrast,
    smooth_components,
    transfer_components,
)
from headstart.adaptation.feature.kernel_space import Kernel, KernelSpace
from headstart.adaptation.feature.locality import heat_laplacian
from headstart.arrays import Labels, Matrix
from headstart.errors import DataError

EXACT_ROWS = 4000
LANDMARKS = 500


class TCA(FeatureAdapter):
    """components  to keep. mu: how much more the means' distance counts than the weights' size
    kernel      "gaussian" with `bandwidth` in multiples of the median distance, or "linear"
    landmarks   None: exact up to 4,000 rows of both sides together, 500 landmarks (Nyström) beyond
    waves       random ones to take in place of landmarks (Rahimi & Recht, NeurIPS 2007); they need no training rows to
                map new ones, and twice as many for the same accuracy
    supervision share in [0, 1) that agreement with labels has in what shall vary: above 0 it is SSTCA, without its
                manifold term

    The pencil is K H K w = λ (I + mu K L K) w, symmetric on both sides. Features are centred, and divided by one
    number, the standard deviation of all their entries before. Learned: gap_ (the eigenproblem's residual), converged_,
    values_, space_, weights_, mean_, scale_.
    """

    name: ClassVar[str] = "tca"

    def __init__(
        self, *, components: int = 40, mu: float = 1000.0, kernel: Kernel = "gaussian", bandwidth: float = 1.0,
        landmarks: int | None = None, waves: int | None = None, supervision: float = 0.0, tolerance: float = 1e-6,
        max_iter: int = 500, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.components = components
        self.mu = mu
        self.kernel = kernel
        self.bandwidth = bandwidth
        self.landmarks = landmarks
        self.waves = waves
        self.supervision = supervision
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.seed = seed
        self.head = head

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        if not 0 <= self.supervision < 1:
            raise DataError(f"supervision is a share in [0, 1), got {self.supervision}")
        X = np.concatenate([domains.Xs, domains.Xt]).astype(np.float64)
        landmarks = LANDMARKS if self.landmarks is None and len(X) > EXACT_ROWS else self.landmarks
        self.space_ = KernelSpace.of(
            X, kernel=self.kernel, bandwidth=self.bandwidth, landmarks=landmarks, seed=self.seed, count=self.waves
        )
        ns, space = len(domains.ys), self.space_
        middle = Middle(np.concatenate([domains.ys, domains.yt]), domains.n_classes, self.supervision)
        contrast = mean_contrast(np.arange(len(X)) >= ns)
        roughness = self._roughness(X)
        if space.exact and roughness is not None:
            found = smooth_components(
                space.training, middle, contrast, roughness, mu=self.mu, components=self.components
            )
            weights, Z = found.weights, space.product(found.weights)
        elif space.exact:
            found = transfer_components(
                space.product, middle, contrast, mu=self.mu, components=self.components, tolerance=self.tolerance,
                max_iter=self.max_iter, seed=self.seed,
            )  # fmt: skip
            weights, Z = found.weights, space.product(found.weights)
        else:
            found = components_of_coordinates(
                space.training, middle, contrast, roughness, mu=self.mu, components=self.components
            )
            weights, Z = found.weights, space.training @ found.weights
        self.values_ = found.values
        note_gap(self, found.residual, self.tolerance, meaning="the eigenproblem's residual")
        return self._keep(weights, Z, ns)

    def _roughness(self, X: Matrix) -> Any:
        """What an embedding's differences between near rows cost (n, n), beside the means' distance; None: nothing."""
        return None

    def _keep(self, weights: Matrix, Z: Matrix, ns: int) -> tuple[Matrix, Matrix]:
        self.mean_ = Z.mean(axis=0)
        self.scale_ = float(Z.std()) or 1.0
        self.weights_ = weights / self.scale_
        Z = (Z - self.mean_) / self.scale_
        return Z[:ns], Z[ns:]

    def _features(self, X: Any) -> Matrix:
        return self.space_.embedded(X, self.weights_) - self.mean_ / self.scale_

    def steps(self) -> tuple[Step, ...]:
        space = self.space_
        weights = self.weights_ if space.spreading is None else space.spreading @ self.weights_
        compared: Step = ("gaussian", space.columns, space.bandwidth)
        if space.random:
            compared = ("waves", space.columns)
        elif space.kernel == "linear":
            compared = ("times", space.columns.T)
        return compared, ("times", weights), ("subtract", self.mean_ / self.scale_)


class SemiSupervisedTCA(TCA):
    """SSTCA: half of what shall vary is agreement with the labels known on either side; with `locality`, rows that are
    near before shall be near after (the paper's manifold term, 𝓛 the graph's Laplacian):

    K H K~yy H K w = λ (I + mu K (L + locality / n² 𝓛) K) w.

    locality    weight of that term beside the means' distance; 0 leaves it out, and is much faster on many rows. In all
                it weighs mu · locality, and all that varies pays: at mu = 1000 it soon leaves nothing to tell classes
                by, so lower mu with it (mu = 1, locality = 1000 is a fair start)
    neighbours  of each row in the graph, over both sides. The rest as in `TCA`
    """

    name: ClassVar[str] = "sstca"

    def __init__(
        self, *, components: int = 40, mu: float = 1000.0, kernel: Kernel = "gaussian", bandwidth: float = 1.0,
        landmarks: int | None = None, waves: int | None = None, supervision: float = 0.5, locality: float = 0.0,
        neighbours: int = 10, tolerance: float = 1e-6, max_iter: int = 500, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.locality = locality
        self.neighbours = neighbours
        super().__init__(
            components=components, mu=mu, kernel=kernel, bandwidth=bandwidth, landmarks=landmarks,
            waves=waves, supervision=supervision, tolerance=tolerance, max_iter=max_iter, seed=seed, head=head,
        )  # fmt: skip

    def _roughness(self, X: Matrix) -> Any:
        if self.locality < 0 or self.neighbours < 1:
            raise DataError(
                f"locality must not be negative and neighbours at least 1, got {self.locality} and {self.neighbours}"
            )
        return self.locality / len(X) ** 2 * heat_laplacian(X, self.neighbours) if self.locality else None


class Middle:
    """V -> H ((1 - supervision) I + supervision Kyy) H V, Kyy the kernel "same known label" (eq. 17 of the paper)."""

    def __init__(self, codes: Labels, n_classes: int, supervision: float) -> None:
        self.supervision = supervision
        self.members = (codes[:, None] == np.arange(n_classes)).astype(np.float64)

    def __call__(self, V: Matrix) -> Matrix:
        V = V - V.mean(axis=0)
        if not self.supervision:
            return V
        V = (1 - self.supervision) * V + self.supervision * (self.members @ (self.members.T @ V))
        return V - V.mean(axis=0)
