"""Transfer joint matching: align the means and drop source rows that do not fit, at once (Long et al., CVPR 2014)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from headstart.adaptation.convergence import note_gap
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.components import mean_contrast, transfer_components
from headstart.adaptation.feature.kernel_space import Kernel, KernelSpace
from headstart.adaptation.feature.tca import EXACT_ROWS, LANDMARKS, TCA, Middle
from headstart.arrays import Matrix, Vector


def row_penalties(weights: Matrix, ns: int) -> Vector:
    """G (n,): 1/(2|w_i|) for source rows, whose weights are to vanish by whole rows; 1 for the target's; eq. 8."""
    lengths = np.linalg.norm(weights, axis=1)
    floor = 1e-3 * max(float(lengths.mean()), 1e-300)
    lengths = lengths / (2 * max(float(lengths.mean()), 1e-300))  # in units in which an average row keeps penalty 1
    return np.where(np.arange(len(weights)) < ns, 0.5 / np.maximum(lengths, floor), 1.0)


class JointMatching(TCA):
    """TCA whose penalty on source rows is the length of their weights (l2,1), by `rounds` of reweighting.

    Parameters as in `TCA`. gap_ is the residual of the last round's eigenproblem.
    """

    name: ClassVar[str] = "joint_matching"

    def __init__(
        self, *, components: int = 40, mu: float = 1000.0, rounds: int = 5, kernel: Kernel = "gaussian",
        bandwidth: float = 1.0, landmarks: int | None = None, tolerance: float = 1e-6, max_iter: int = 500,
        seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.components = components
        self.mu = mu
        self.rounds = rounds
        self.kernel = kernel
        self.bandwidth = bandwidth
        self.landmarks = landmarks
        self.tolerance = tolerance
        self.max_iter = max_iter
        self.seed = seed
        self.head = head

    def _align(self, domains: Domains) -> tuple[Matrix, Matrix]:
        X = np.concatenate([domains.Xs, domains.Xt]).astype(np.float64)
        landmarks = LANDMARKS if self.landmarks is None and len(X) > EXACT_ROWS else self.landmarks
        self.space_ = KernelSpace.of(
            X, kernel=self.kernel, bandwidth=self.bandwidth, landmarks=landmarks, seed=self.seed
        )
        ns = len(domains.ys)
        penalties: Vector = np.ones(len(X))
        for number in range(self.rounds):
            last = number == self.rounds - 1
            found = transfer_components(
                self.space_.product,
                Middle(np.concatenate([domains.ys, domains.yt]), domains.n_classes, 0.0),
                mean_contrast(np.arange(len(X)) >= ns),
                mu=self.mu,
                components=self.components,
                penalties=penalties,
                tolerance=self.tolerance if last else 1e-3,
                max_iter=self.max_iter,
                seed=self.seed,
            )
            self.penalties_ = penalties
            penalties = row_penalties(found.weights, ns)
        self.values_ = found.values
        note_gap(self, found.residual, self.tolerance, meaning="the eigenproblem's residual")
        return self._keep(self.space_.weights(found.weights), self.space_.product(found.weights), ns)
