"""Rows in the space of a kernel: exactly through the kernel matrix, through landmarks (Nyström: Williams & Seeger,
NeurIPS 2000), or through random waves (Rahimi & Recht, NeurIPS 2007)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import linalg

from headstart.arrays import Matrix
from headstart.errors import DataError
from headstart.stats.kernels import median_bandwidth, rbf, waves

Kernel: TypeAlias = Literal["gaussian", "linear"]
BLOCK = 4096


@dataclass(frozen=True, eq=False)
class KernelSpace:
    """coordinates Φ (n, m) of the training rows with K = ΦΦ', or K itself (`exact`).

    columns  what new rows are compared with (m, d); spreading (m, m) turns those comparisons into coordinates
    random   the columns are frequencies (d, m/2) of waves instead
    """

    kernel: Kernel
    bandwidth: float
    columns: Matrix
    spreading: Matrix | None
    training: Matrix
    random: bool = False

    @classmethod
    def of(
        cls, X: Matrix, *, kernel: Kernel, bandwidth: float, landmarks: int | None, seed: int, count: int | None = None
    ) -> KernelSpace:
        """Of rows (n, d); bandwidth in multiples of the median distance; landmarks None: exact, 8 n² bytes; count: of
        random waves to take in their place.

        A linear kernel of fewer columns than rows is exact through the columns themselves.
        """
        if kernel not in ("gaussian", "linear"):
            raise DataError(f"kernel must be 'gaussian' or 'linear', got {kernel!r}")
        if count is not None and (kernel != "gaussian" or count < 1):
            raise DataError(f"waves stand for the gaussian kernel, at least one of them; got {kernel}, {count}")
        rng = np.random.default_rng(seed)
        width = bandwidth * median_bandwidth(X, rng=rng) if kernel == "gaussian" else 1.0
        if kernel == "linear" and X.shape[1] <= len(X):
            return cls(kernel, width, np.eye(X.shape[1]), np.eye(X.shape[1]), X)
        if count is not None:
            frequencies = rng.standard_normal((X.shape[1], count)) / width
            return cls(kernel, width, frequencies, np.eye(2 * count), waves(X, frequencies), random=True)
        if landmarks is None or landmarks >= len(X):
            exact = cls(kernel, width, X, None, X)
            return cls(kernel, width, X, None, exact.compared(X))
        chosen = X[np.sort(rng.choice(len(X), landmarks, replace=False))]
        bare = cls(kernel, width, chosen, None, chosen)
        values, vectors = linalg.eigh(bare.compared(chosen))
        kept = values > values[-1] * len(values) * 1e-12
        spreading = vectors[:, kept] / np.sqrt(values[kept])
        lifted = cls(kernel, width, chosen, spreading, chosen)
        return cls(kernel, width, chosen, spreading, lifted.embedded(X, np.eye(spreading.shape[1])))

    @property
    def exact(self) -> bool:
        return self.spreading is None

    def product(self, V: Matrix) -> Matrix:
        """K V (n, k)."""
        return self.training @ V if self.exact else self.training @ (self.training.T @ V)

    def weights(self, W: Matrix) -> Matrix:
        """What `embedded` needs to give K W on the training rows and its extension on others."""
        return W if self.exact else self.training.T @ W

    def embedded(self, X: Matrix, weights: Matrix) -> Matrix:
        """New rows (n, d) times `weights`, in blocks; (n, k)."""
        spread = weights if self.spreading is None else self.spreading @ weights
        parts = [self.compared(X[start : start + BLOCK]) @ spread for start in range(0, len(X), BLOCK)]
        return np.concatenate(parts)

    def compared(self, X: Matrix) -> Matrix:
        if self.random:
            return waves(X, self.columns)
        if self.kernel == "gaussian":
            return rbf(X, self.columns, self.bandwidth)
        return np.asarray(X @ self.columns.T)
