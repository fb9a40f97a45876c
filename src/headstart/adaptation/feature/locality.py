"""Which rows are near: the Laplacian of a neighbourhood graph (Belkin & Niyogi, Neural Computation 2003)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import kneighbors_graph

from headstart.arrays import Matrix


def heat_laplacian(X: Matrix, neighbours: int) -> Any:
    """D - M (n, n), CSR, with z'(D - M)z = ½ Σ m_ij (z_i - z_j)², for rows X (n, d).

    m_ij = exp(-|x_i - x_j|² / 2σ²) where one of the two is among the other's nearest `neighbours`, else 0; σ is the
    median distance between neighbours.
    """
    graph = kneighbors_graph(X, min(neighbours, len(X) - 1), mode="distance")
    width = float(np.median(graph.data)) or 1.0
    graph.data = np.exp(-0.5 * (graph.data / width) ** 2)
    M = graph.maximum(graph.T)
    return sparse.csr_matrix(sparse.diags(np.asarray(M.sum(axis=1)).ravel()) - M)
