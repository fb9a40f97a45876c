"""One contract, kept by every name in the table of heads."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from headstart.errors import DataError, UnknownName
from headstart.heads import HEADS
from headstart.heads.ridge_regressor import RidgeRegressor

NAMES = sorted(HEADS)
MERGEABLE = [name for name in NAMES if HEADS[name].mergeable]
WEIGHTED = [name for name in NAMES if "class_weight" in HEADS[name]().get_params()]
Builder = Callable[..., tuple[np.ndarray, np.ndarray]]

# What is left out is a row, whatever its weight: a row of weight 2 is not two rows of weight 1, neither for the choice
# of a penalty nor for the temperature. scikit-learn excuses its own cross-validated estimators in the same way.
LEAVES_ROWS_OUT = {
    f"check_sample_weight_equivalence_on_{kind}_data": "leaving out a row is not leaving out a unit of weight"
    for kind in ("dense", "sparse")
}


# Its members count by their temperatures, which come from a search in single precision.
NEAR = {"average": 0.05}


def tight(name: str) -> Any:
    """The head, solved as exactly as it can be."""
    head = HEADS[name]()
    return head.set_params(tolerance=1e-14) if "tolerance" in head.get_params() else head


@pytest.mark.parametrize("make", [*(HEADS[name] for name in NAMES), RidgeRegressor], ids=lambda each: each.__name__)
def test_passes_the_checks_of_scikit_learn(make: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcomes = check_estimator(make(), expected_failed_checks=LEAVES_ROWS_OUT, on_skip=None)
    assert len(outcomes) > 40
    assert not [each for each in outcomes if each["status"] == "failed"]


def test_facts_are_declared() -> None:
    heads = [HEADS[name] for name in NAMES]
    assert [head.name for head in heads] == NAMES
    assert sorted(head.cost for head in heads) == list(range(1, len(heads) + 1))
    assert all(head.family == "feature" and head.probabilistic for head in heads)
    assert all(hasattr(head, "merge") == hasattr(head, "partial_fit") == head.mergeable for head in heads)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(90, 8), (60, 200)])
def test_learns_where_there_is_something_to_learn(name: str, shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3, apart=8.0)
    labels = np.array(["ant", "bee", "wasp"])[y]
    half = len(X) // 2
    head = HEADS[name]().fit(X[:half], labels[:half])
    proba = head.predict_proba(X[half:])
    assert (head.predict(X[half:]) == labels[half:]).mean() > 0.95
    assert head.classes_.tolist() == ["ant", "bee", "wasp"]
    assert np.allclose(proba.sum(axis=1), 1) and (proba >= 0).all()
    assert np.array_equal(head.classes_[proba.argmax(axis=1)], head.predict(X[half:]))


@pytest.mark.parametrize("name", NAMES)
def test_noise_stays_noise_and_says_so(name: str) -> None:
    """Fewer rows than columns, labels at random: neither leave-one-out nor the probabilities claim to know."""
    accuracies, certainties = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(80, 160)), rng.permutation(np.arange(80) % 4)
        head = HEADS[name]().fit(X, y)
        accuracies.append(getattr(head, "loo_accuracy_", 0.25))
        certainties.append(head.predict_proba(rng.normal(size=(200, 160))).max(axis=1).mean())
    assert np.mean(accuracies) < 0.36  # the best of a whole path of penalties, so a little above .25
    assert np.mean(certainties) < 0.5


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_honest(name: str, world: Builder) -> None:
    from headstart.stats.metrics import expected_calibration_error

    X, y = world(1200, 12, 3, apart=1.6)
    head = HEADS[name]().fit(X[:400], y[:400])
    assert expected_calibration_error(head.predict_proba(X[400:]), y[400:], bins=10) < 0.1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(40, 9), (24, 50)])
def test_order_of_rows_and_columns_and_columns_of_zeros_change_nothing(
    name: str, shape: tuple[int, int], world: Builder
) -> None:
    X, y = world(*shape, 3)
    T = np.random.default_rng(1).normal(size=(10, shape[1]))
    # inner folds are dealt by position: only at a given penalty are these heads indifferent to the order of rows
    head = tight(name).set_params(C=1.0) if name in ("logistic", "svm", "average") else tight(name)
    expected = head.fit(X, y)._scores(head.prepare(T))
    rng = np.random.default_rng(2)
    rows, columns = rng.permutation(len(X)), rng.permutation(shape[1])
    rotation = np.linalg.qr(rng.normal(size=(shape[1], shape[1])))[0]
    zeros = [np.zeros((len(each), 7)) for each in (X, T)]
    for train, test, labels in (
        (X[rows], T, y[rows]),
        (X[:, columns], T[:, columns], y),
        (X @ rotation, T @ rotation, y),
        (np.hstack([X, zeros[0]]), np.hstack([T, zeros[1]]), y),
    ):
        if name == "lda" and train.shape[1] != shape[1]:
            continue  # shrinkage aims at the mean variance over all columns, idle ones too
        if name == "average" and labels is not y:
            continue  # the inner folds deal its members' temperatures out by position, too
        again = clone(head).fit(train, labels)
        assert np.allclose(again._scores(again.prepare(test)), expected, atol=NEAR.get(name, 2e-5))


@pytest.mark.parametrize("name", NAMES)
def test_sparse_equals_dense(name: str, world: Builder) -> None:
    X, y = world(50, 30, 3)
    X = X * (np.random.default_rng(0).random(X.shape) < 0.4)
    rows = sparse.csr_matrix(X)
    rows.indices, rows.indptr = rows.indices.astype(np.int64), rows.indptr.astype(np.int64)  # as svmlight gives them
    head = tight(name).set_params(C=1.0) if name in ("logistic", "svm", "average") else tight(name)
    dense, thin = clone(head).fit(X, y), clone(head).fit(rows, y)
    scores = thin._scores(thin.prepare(rows))
    assert np.allclose(dense._scores(dense.prepare(X)), scores, atol=NEAR.get(name, 2e-5))


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_is_taken_as_it_is(name: str, world: Builder) -> None:
    X, y = world(60, 12, 3)
    fine, coarse = HEADS[name]().fit(X, y), HEADS[name]().fit(X.astype(np.float32), y)
    assert np.allclose(fine.predict_proba(X), coarse.predict_proba(X.astype(np.float32)), atol=0.02)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (np.eye(4), np.arange(4)),  # one row per class
        (np.ones((6, 5)), np.array([0, 0, 0, 0, 1, 1])),  # nothing but constant columns
        (np.zeros((6, 2)), np.arange(6) % 2),
        (np.random.default_rng(0).normal(size=(5, 3)), np.zeros(5, dtype=int)),  # one class only
        (np.random.default_rng(0).normal(size=(2, 50)), np.array([0, 1])),
        (np.random.default_rng(0).normal(size=(9, 1)), np.arange(9) % 3),
        (np.tile(np.random.default_rng(0).normal(size=(3, 40)), (4, 1)), np.tile([0, 1, 2], 4)),  # duplicates
        (np.random.default_rng(0).normal(size=(1, 3)), np.array([7])),
        (1e-100 * np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 2),
    ],
)
def test_survives(name: str, X: np.ndarray, y: np.ndarray) -> None:
    head = HEADS[name]().fit(X, y)
    proba = head.predict_proba(X)
    assert proba.shape == (len(X), len(np.unique(y)))
    assert np.allclose(proba.sum(axis=1), 1)
    if len(X) == len(np.unique(y)) == 4:
        assert np.array_equal(head.predict(X), y)


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_classes(name: str, world: Builder) -> None:
    X, y = world(2000, 20, 1000, apart=12.0)
    head = HEADS[name]()
    given = {"C": 10.0, "folds": 2, "tolerance": 1e-3, "shrinkage": 0.1}  # spares most of the search
    head.set_params(**{key: value for key, value in given.items() if key in head.get_params()})
    proba = head.fit(X, y).predict_proba(X[:50])
    assert proba.shape == (50, 1000)
    assert (proba.argmax(axis=1) == y[:50]).mean() > 0.8


@pytest.mark.parametrize("name", WEIGHTED)
def test_balancing_helps_the_rare_class(name: str, world: Builder) -> None:
    X, y = world(620, 6, 2, apart=1.2, counts=[560, 60], seed=3)
    fit, score = slice(0, 310), slice(310, None)
    plain, even = (HEADS[name](class_weight=each).fit(X[fit], y[fit]) for each in (None, "balanced"))
    rare = y[score] == 1
    assert even.predict(X[score])[rare].mean() > plain.predict(X[score])[rare].mean() + 0.1


@pytest.mark.parametrize("name", WEIGHTED)
def test_class_weights_by_label(name: str, world: Builder) -> None:
    X, y = world(60, 6, 2, apart=1.0)
    labels = np.array(["no", "yes"])[y]
    plain, eager = (HEADS[name](class_weight=each).fit(X, labels) for each in (None, {"yes": 20.0}))
    assert (eager.predict(X) == "yes").sum() > (plain.predict(X) == "yes").sum()
    with pytest.raises(
        DataError, match="class_weight must be None, 'balanced' or positive factors by label, got 'even'"
    ):
        HEADS[name](class_weight="even").fit(X, y)


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_no_weight_are_absent(name: str, world: Builder) -> None:
    X, y = world(40, 6, 4)
    weights = np.where(y < 3, 1.0, 0.0)
    weighted, without = HEADS[name]().fit(X, y, weights), HEADS[name]().fit(X[y < 3], y[y < 3])
    assert weighted.classes_.tolist() == [0, 1, 2]
    assert np.allclose(weighted.predict_proba(X), without.predict_proba(X))


@pytest.mark.parametrize("name", sorted({*NAMES} - {"average"}))  # whose members count by temperatures
def test_integer_weights_are_repeated_rows_at_given_parameters(name: str, world: Builder) -> None:
    X, y = world(30, 5, 3)
    fixed = {"ridge": 0.5, "shrinkage": 0.2, "C": 1.0, "k": 3}
    head = tight(name)
    head.set_params(**{key: value for key, value in fixed.items() if key in head.get_params()})
    if name == "neighbours":
        head.set_params(k=30)  # repeated rows take up places among the nearest
    weights = np.random.default_rng(0).integers(1, 4, 30)
    weighted = clone(head).fit(X, y, weights)
    if name == "neighbours":
        head.set_params(k=int(weights.sum()))
    if name in ("logistic", "svm"):
        assert weighted.C_ == 1.0
    repeated = clone(head).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    assert np.allclose(weighted._scores(weighted.prepare(X)), repeated._scores(repeated.prepare(X)), atol=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_says_what_is_wrong(name: str) -> None:
    X, y = np.eye(4), np.arange(4) % 2
    with pytest.raises(NotFittedError):
        HEADS[name]().predict(X)
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[4, 3\]"):
        HEADS[name]().fit(X, y[:3])
    with pytest.raises(ValueError, match=r"NaN"):
        HEADS[name]().fit(np.full((4, 4), np.nan), y)
    with pytest.raises(DataError, match="sample_weight must be finite and not negative"):
        HEADS[name]().fit(X, y, np.array([1, 1, -1, 1]))
    with pytest.raises(DataError, match="sample_weight is zero in every row"):
        HEADS[name]().fit(X, y, np.zeros(4))
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 4 features"):
        HEADS[name]().fit(X, y).predict(np.ones((1, 2)))


def test_an_unknown_head_is_named_with_its_neighbour() -> None:
    with pytest.raises(UnknownName, match=r"Unknown head 'rigde'\. Did you mean 'ridge'?"):
        HEADS["rigde"]


# ---- learning as rows arrive ---------------------------------------------------------------------------------------


def learned(head: Any) -> dict[str, np.ndarray]:
    """Everything learned that predictions rest on."""
    names = ("coef_", "intercept_", "prototypes_", "offsets_", "temperature_", "ridge_", "shrinkage_")
    return {name: np.asarray(getattr(head, name)) for name in names if hasattr(head, name)}


def assert_same(first: Any, second: Any) -> None:
    assert first.classes_.tolist() == second.classes_.tolist()
    for name, value in learned(first).items():
        assert np.allclose(value, learned(second)[name], rtol=1e-8, atol=1e-8), name


@pytest.mark.parametrize("name", MERGEABLE)
@pytest.mark.parametrize("shape", [(60, 7), (30, 45)])
@pytest.mark.parametrize("batches", [2, 5, 30])
def test_any_order_and_any_batches_equal_one_fit(
    name: str, shape: tuple[int, int], batches: int, world: Builder
) -> None:
    X, y = world(*shape, 3, apart=1.5)
    labels = np.array(["x", "yy", "z"])[y]
    whole, stepwise, order = HEADS[name]().fit(X, labels), HEADS[name](), np.random.default_rng(1).permutation(len(X))
    for rows in np.array_split(order, batches):
        stepwise.partial_fit(X[rows], labels[rows])
    assert_same(whole, stepwise)


@pytest.mark.parametrize("name", MERGEABLE)
@pytest.mark.parametrize("as_sparse", [False, True])
def test_merging_equals_fitting_on_both(name: str, as_sparse: bool, world: Builder) -> None:
    X, y = world(50, 9, 4, apart=1.5)
    weights = np.random.default_rng(0).uniform(0.5, 2, 50)
    rows = sparse.csr_matrix(X) if as_sparse else X
    order = np.argsort(y)  # the classes of the two halves hardly overlap
    first, second = order[:25], order[25:]
    a, b = (HEADS[name]().fit(rows[part], y[part], weights[part]) for part in (first, second))
    before = a.classes_.tolist()
    whole = HEADS[name]().fit(rows, y, weights)
    assert_same(whole, a.merge(b))
    assert_same(whole, b.merge(a))
    assert a.classes_.tolist() == before


@pytest.mark.parametrize("name", MERGEABLE)
@pytest.mark.parametrize("as_sparse", [False, True])
def test_the_same_beyond_what_is_kept(
    name: str, as_sparse: bool, world: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows turn into moments and a sample chosen by content: still any order, any batches, any tree of merges."""
    monkeypatch.setattr("headstart.heads.statistics.CAPACITY", 25)
    X, y = world(90, 6, 3, apart=1.5)
    rows = sparse.csr_matrix(X) if as_sparse else X
    whole = HEADS[name]().fit(rows, y)
    assert whole._statistics.X.shape[0] == 25
    for seed in range(3):
        parts = np.array_split(np.random.default_rng(seed).permutation(90), 4 + seed)
        stepwise = HEADS[name]()
        for part in parts:
            stepwise.partial_fit(rows[part], y[part])
        assert_same(whole, stepwise)
        heads = [HEADS[name]().fit(rows[part], y[part]) for part in parts]
        assert_same(whole, heads[0].merge(heads[1]).merge(heads[2].merge(heads[3])) if seed == 0 else stepwise)


@pytest.mark.parametrize("name", MERGEABLE)
def test_beyond_what_is_kept_the_fit_still_uses_all_rows(
    name: str, world: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = world(90, 6, 3, apart=1.5)
    head = HEADS[name]().set_params(**{"ridge": {"ridge": 2.0}, "lda": {"shrinkage": 0.3}}.get(name, {}))
    exact = clone(head).fit(X, y)
    monkeypatch.setattr("headstart.heads.statistics.CAPACITY", 25)
    reduced = clone(head).fit(X, y)
    for key in ("coef_", "intercept_", "prototypes_"):
        if hasattr(exact, key):
            assert np.allclose(getattr(exact, key), getattr(reduced, key), atol=1e-9)


@pytest.mark.parametrize("name", MERGEABLE)
def test_classes_announced_and_not_yet_seen_get_nothing(name: str, world: Builder) -> None:
    X, y = world(40, 5, 2)
    head = HEADS[name]().partial_fit(X, y, classes=[0, 1, 2])
    assert head.classes_.tolist() == [0, 1, 2]
    assert (head.predict_proba(X)[:, 2] == 0).all()
    assert np.allclose(head.predict_proba(X)[:, :2], HEADS[name]().fit(X, y).predict_proba(X))
    later = head.partial_fit(X + 50, np.full(40, 2))
    assert (later.predict(X + 50) == 2).mean() > 0.9


@pytest.mark.parametrize("name", MERGEABLE)
def test_merging_says_what_is_wrong(name: str, world: Builder) -> None:
    X, y = world(20, 4, 2)
    head = HEADS[name]().fit(X, y)
    other = HEADS["ridge" if name != "ridge" else "lda"]().fit(X, y)
    with pytest.raises(DataError, match="only heads of one kind with equal parameters can be merged"):
        head.merge(other)
    with pytest.raises(DataError, match="one side has 4 features, the other 3"):
        head.merge(HEADS[name]().fit(X[:, :3], y))
    with pytest.raises(DataError, match=r"y holds \[5\], which is not among the classes \[0, 1\]"):
        HEADS[name]().partial_fit(X, np.full(20, 5), classes=[0, 1])
    with pytest.raises(NotFittedError):
        HEADS[name]().merge(head)
