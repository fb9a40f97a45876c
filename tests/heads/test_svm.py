"""The linear SVM against liblinear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from headstart.heads.svm import LinearSVM, squared_hinge

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.mark.parametrize("shape", [(60, 6), (30, 70)])
@pytest.mark.parametrize("C", [0.05, 1.0])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_matrix])
def test_equals_liblinear_with_a_hardly_penalised_intercept(
    shape: tuple[int, int], C: float, make: Callable[..., object], world: Builder
) -> None:
    X, y = world(*shape, 3, apart=1.5)
    head = LinearSVM(C=C, normalise=False, tolerance=1e-15).fit(make(X), y)
    # liblinear minimises |w|²/2 + C Σ loss: the same C
    peer = LinearSVC(C=C, tol=1e-9, max_iter=200_000, intercept_scaling=50.0, dual=shape[0] < shape[1]).fit(X, y)
    assert np.allclose(X @ head.coef_ + head.intercept_, peer.decision_function(X), atol=0.02)
    assert np.array_equal(head.predict(X), peer.predict(X))


def test_normalising_is_fitting_on_unit_rows(world: Builder) -> None:
    X, y = world(40, 5, 3, apart=2.0)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert np.allclose(
        LinearSVM().fit(X, y).predict_proba(X), LinearSVM(normalise=False).fit(unit, y).predict_proba(unit)
    )


def test_hinge_by_hand() -> None:
    values, slopes = squared_hinge(np.array([[2.0, 0.5], [0.0, 0.0]]), np.array([0, 1]))
    assert values.tolist() == [2.25, 2]
    assert slopes.tolist() == [[0, 3], [2, -2]]


def test_reads_svmlight_rows(shared_data: object) -> None:
    from sklearn.datasets import load_svmlight_file

    X, y = load_svmlight_file(str(shared_data / "vectors/amazon_reviews/books_train.svmlight"))  # type: ignore[operator]
    X = X[:400]
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    head = LinearSVM(C=1.0).fit(X, y[:400])
    assert (head.predict(X) == y[:400]).mean() > 0.9
