"""The head that travels: as strong a penalty as the source can bear, on any scale, and none stronger."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.adaptation import ADAPTERS
from headstart.adaptation.travelling import FORGONE, STEPS, travelling_head
from headstart.heads.logistic import Logistic

from .worlds import moved, some_known


def test_it_rests_little_on_what_hardly_varies_in_the_source() -> None:
    """Forty columns of small noise fit a hundred rows perfectly; where they vary more, a weak penalty pays for it."""
    rng = np.random.default_rng(0)

    def domain(n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, 2, n)
        told = rng.normal(size=(n, 10)) + 0.6 * (2 * y - 1)[:, None]
        return np.hstack([told, noise * rng.normal(size=(n, 40))]), y

    X, y = domain(100, 0.1)
    Xt, yt = domain(4000, 1.0)
    travelling, close = travelling_head().fit(X, y), LogisticRegression(C=1e4, max_iter=5000).fit(X, y)
    assert (travelling.predict(Xt) == yt).mean() > (close.predict(Xt) == yt).mean() + 0.1


def test_the_scale_of_the_columns_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 200)
    X = rng.normal(size=(200, 20)) + 0.5 * (2 * y - 1)[:, None]
    small, large = travelling_head().fit(X, y), travelling_head().fit(1000 * X, y)
    np.testing.assert_allclose(small.predict_proba(X), large.predict_proba(1000 * X), atol=1e-3)


def test_a_source_that_needs_a_weak_penalty_gets_it() -> None:
    """The class hangs on the difference of two columns that otherwise go together: little variance, all knowledge."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 400)
    common = 30 * rng.normal(size=(400, 1))
    X = common + 0.05 * rng.normal(size=(400, 2)) + 0.5 * np.stack([2 * y - 1, 1 - 2 * y], axis=1)
    head = travelling_head().fit(X, y)
    assert (head.predict(X) == y).mean() > 0.97
    strong = Logistic(steps=STEPS[:1]).fit(X, y)
    assert (strong.predict(X) == y).mean() < 0.9


def test_among_many_columns_a_few_rows_may_weigh_more_than_the_mean_eigenvalue() -> None:
    """Where all columns tell equally little, the difference of the classes' means is best: the strongest penalty."""
    rng = np.random.default_rng(3)
    told = rng.choice([-0.04, 0.04], 1500)

    def domain(n: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.integers(0, 2, n)
        return rng.normal(size=(n, 1500)) + np.outer(2 * y - 1, told), y

    (X, y), (Xt, yt) = domain(200), domain(4000)
    before, head = Logistic(steps=STEPS, forgone=FORGONE).fit(X, y), travelling_head().fit(X, y)
    assert 1 / head.C_ > 2 / before.C_
    assert (head.predict(Xt) == yt).mean() >= (before.predict(Xt) == yt).mean()
    few = X[:, :10]
    assert travelling_head().fit(few, y).C_ == Logistic(steps=STEPS, forgone=FORGONE).fit(few, y).C_


def test_it_stands_on_rows_that_were_moved_and_nowhere_else() -> None:
    pair = moved(60)
    for name, forgone in (("none", 0.0), ("kliep", 0.0), ("em_prior", 0.0), ("coral", FORGONE), ("transport", FORGONE)):
        assert ADAPTERS[name]().fit(*pair[:3]).head_.forgone == forgone
    shown = some_known(pair, 20)
    assert ADAPTERS["augmentation"]().fit(*pair[:3], shown).head_.forgone == 0
    given = LogisticRegression(C=3.0)
    found = ADAPTERS["coral"](head=given).fit(*pair[:3]).head_
    assert found is not given
    assert found.get_params() == given.get_params()


@pytest.mark.parametrize("n", [2, 3, 6])
def test_few_rows(n: int) -> None:
    X, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n) % 2
    assert set(travelling_head().fit(X, y).predict(X)) <= {0, 1}
