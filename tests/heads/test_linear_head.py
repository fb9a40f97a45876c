"""What logistic regression and the SVM share: the choice of C on inner folds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.heads.linear_head import LinearHead
from headstart.heads.logistic import Logistic
from headstart.heads.svm import LinearSVM

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]
BOTH = [Logistic, LinearSVM]


@pytest.mark.parametrize("make", BOTH)
def test_noisy_features_are_held_down_harder_than_clean_ones(make: type[LinearHead], world: Builder) -> None:
    clean, noisy = (make().fit(*world(150, 60, 3, apart=apart)) for apart in (12.0, 0.8))
    scales = [np.linalg.norm(head.coef_) for head in (clean, noisy)]
    assert noisy.C_ < clean.C_ or scales[1] < scales[0]
    assert noisy.path_["loss"].min() > clean.path_["loss"].min()


@pytest.mark.parametrize("make", BOTH)
def test_path_says_what_was_tried(make: type[LinearHead], world: Builder) -> None:
    head = make().fit(*world(80, 10, 3, apart=2.0))
    assert (np.diff(head.path_["C"]) > 0).all()
    assert len(head.path_["C"]) == len(head.path_["loss"])
    chosen = np.flatnonzero(np.isclose(head.path_["C"], head.C_))[0]
    assert head.path_["loss"][chosen] <= head.path_["loss"].min() * 1.02


@pytest.mark.parametrize("make", BOTH)
def test_same_seed_same_answer_and_given_C_is_taken(make: type[LinearHead], world: Builder) -> None:
    X, y = world(60, 8, 3, apart=1.5)
    first, second = make(seed=3).fit(X, y), make(seed=3).fit(X, y)
    assert np.array_equal(first.predict_proba(X), second.predict_proba(X))
    fixed = make(C=0.37).fit(X, y)
    assert pytest.approx(0.37) == fixed.C_
    assert np.allclose(fixed.path_["C"], [0.37])


@pytest.mark.parametrize("make", BOTH)
def test_says_what_is_wrong(make: type[LinearHead], world: Builder) -> None:
    X, y = world(10, 3, 2)
    with pytest.raises(DataError, match="C must be positive, got 0"):
        make(C=0).fit(X, y)
    with pytest.raises(DataError, match="folds must be at least 2, got 1"):
        make(folds=1).fit(X, y)
    assert make().refusal(1000, 100, 10, sparse=False) == ""
    assert "too slow for a search" in make().refusal(50_000, 100, 10, sparse=True)
    assert "too slow for a search" in make().refusal(15_000, 1000, 200, sparse=False)
