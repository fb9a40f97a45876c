"""Kernel products and embeddings, exact and through landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.feature.kernel_space import KernelSpace
from headstart.errors import DataError
from headstart.stats.kernels import rbf

X = np.random.default_rng(0).normal(size=(60, 4))
V = np.random.default_rng(1).normal(size=(60, 3))


def space(kernel: str = "gaussian", landmarks: int | None = None, rows: np.ndarray = X) -> KernelSpace:
    return KernelSpace.of(rows, kernel=kernel, bandwidth=1.0, landmarks=landmarks, seed=0)  # type: ignore[arg-type]


def test_exact_products_are_those_of_the_kernel_matrix() -> None:
    exact = space()
    np.testing.assert_allclose(exact.product(V), rbf(X, X, exact.bandwidth) @ V)


@pytest.mark.parametrize("rows", [X, X[:3]])
def test_the_linear_kernel_is_exact_in_either_shape(rows: np.ndarray) -> None:
    np.testing.assert_allclose(space("linear", rows=rows).product(V[: len(rows)]), rows @ rows.T @ V[: len(rows)])


@pytest.mark.parametrize(("kernel", "landmarks"), [("gaussian", None), ("gaussian", 20), ("linear", None)])
def test_embedding_the_training_rows_gives_their_product(kernel: str, landmarks: int | None) -> None:
    found = space(kernel, landmarks)
    np.testing.assert_allclose(found.embedded(X, found.weights(V)), found.product(V), atol=1e-8)


def test_landmarks_come_close_and_all_of_them_are_exact() -> None:
    exact = space().product(V)
    errors = [np.linalg.norm(space(landmarks=m).product(V) - exact) / np.linalg.norm(exact) for m in (5, 20, 50)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02
    np.testing.assert_allclose(space(landmarks=60).product(V), exact)


def test_more_waves_come_closer() -> None:
    exact = space().product(V)
    found = [KernelSpace.of(X, kernel="gaussian", bandwidth=1.0, landmarks=None, seed=0, count=m) for m in (50, 5000)]
    errors = [np.linalg.norm(each.product(V) - exact) / np.linalg.norm(exact) for each in found]
    assert errors[1] < min(errors[0], 0.05)
    np.testing.assert_allclose(found[0].embedded(X, found[0].weights(V)), found[0].product(V), atol=1e-8)


def test_an_unknown_kernel() -> None:
    with pytest.raises(DataError, match="'gaussian' or 'linear'"):
        space("cubic")
