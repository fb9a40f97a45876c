"""Choosing a head: same folds for all, their average until one alone is shown to do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, cross_val_predict

from headstart.errors import DataError, UnknownName
from headstart.heads import HEADS
from headstart.heads.selection import choose_head

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]
Folds = list[tuple[np.ndarray, np.ndarray]]


def folds_of(X: np.ndarray, y: np.ndarray, n_splits: int = 4) -> Folds:
    return list(StratifiedKFold(n_splits, shuffle=True, random_state=0).split(X, y))


@pytest.mark.parametrize("name", sorted(HEADS))
@pytest.mark.parametrize("shape", [(60, 6), (40, 90)])
def test_out_of_fold_is_what_scikit_learn_finds(name: str, shape: tuple[int, int], world: Builder) -> None:
    X, y = world(*shape, 3, apart=2.0)
    folds = folds_of(X, y)
    choice = choose_head(X, y, folds, names=[name])
    peer = cross_val_predict(HEADS[name](), X, y, cv=folds, method="predict_proba")
    assert np.allclose(choice.proba, peer, atol=1e-6)
    assert choice.name == name
    assert choice.scores[0].score.value == pytest.approx((peer.argmax(axis=1) == y).mean())
    assert np.array_equal(choice.runs[0], peer.argmax(axis=1) == y)
    assert clone(choice.head).fit(X, y).predict(X).shape == y.shape


def test_the_cheapest_of_equals_wins_once_there_are_rows_to_show_it(world: Builder) -> None:
    X, y = world(420, 10, 2, apart=20.0)
    choice = choose_head(X, y, folds_of(X, y))
    assert choice.name == "prototype"  # all are right, and it costs least
    assert {each.name for each in choice.scores} == set(HEADS)
    assert "* prototype" in str(choice)


def test_few_rows_show_nothing_and_the_average_is_taken(world: Builder) -> None:
    X, y = world(80, 10, 2, apart=20.0)
    choice = choose_head(X, y, folds_of(X, y))  # all are right, but half a point of 80 rows is less than a row
    assert choice.name == "average"
    X, y = world(60, 30, 3, apart=2.0)
    choice = choose_head(X, y, folds_of(X, y))
    assert choice.name == "average" and choice.scores[0].score.value < 1


def test_the_average_of_heads_already_fitted_is_the_average(world: Builder) -> None:
    X, y = world(48, 9, 3, apart=2.0)
    names = ["svm", "average", "ridge", "logistic"]
    beside, alone = (choose_head(X, y, folds_of(X, y), some, seed=2) for some in (names, ["average"]))
    assert beside.name == alone.name == "average"
    assert np.allclose(beside.proba, alone.proba, atol=1e-12)


def test_one_that_is_ahead_of_the_average_by_two_standard_errors_is_taken() -> None:
    """Where a class is a ring, no linear head knows it, and neighbours do."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 120)
    X = np.column_stack([np.cos(angle), np.sin(angle)]) + 0.05 * rng.normal(size=(120, 2))
    y = (np.abs(np.mod(angle, np.pi / 2) - np.pi / 4) < np.pi / 8).astype(int)  # every second of eight pieces
    assert choose_head(X, y, folds_of(X, y)).name == "neighbours"


def test_a_head_that_is_clearly_better_wins(world: Builder) -> None:
    """Noise along one loud axis hides the classes from means and neighbours, not from a covariance."""
    X, y = world(240, 6, 2, apart=3.0)
    X = np.hstack([X, 200 * np.random.default_rng(0).normal(size=(240, 1))])
    choice = choose_head(X, y, folds_of(X, y), names=["prototype", "neighbours", "ridge"])
    assert choice.name == "ridge"
    assert [each.score.value for each in choice.scores] == sorted((s.score.value for s in choice.scores), reverse=True)


def test_repeats_are_averaged_and_rows_without_score_are_nan(world: Builder) -> None:
    X, y = world(40, 5, 2, apart=1.0)
    folds = list(RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=0).split(X, y))
    choice = choose_head(X, y, folds, names=["ridge"])
    each = [choose_head(X, y, folds[start : start + 4], names=["ridge"]) for start in (0, 4, 8)]
    assert np.allclose(choice.proba, np.mean([one.proba for one in each], axis=0))
    assert choice.runs.shape == (3, 40)
    once = choose_head(X, y, folds[:1], names=["ridge"])
    assert np.array_equal(np.isnan(once.proba).all(axis=1), ~np.isin(np.arange(40), folds[0][1]))
    assert once.scores[0].score.n == len(folds[0][1])


def test_classes_absent_from_a_fold_line_up(world: Builder) -> None:
    X, y = world(30, 5, 3, counts=[15, 14, 1])
    rare = int(np.flatnonzero(y == 2)[0])
    rows = np.setdiff1d(np.arange(30), [rare])
    folds = [(np.append(rows[:15], rare), rows[15:]), (rows[15:], np.append(rows[:15], rare))]
    choice = choose_head(X, y, folds, n_classes=5)
    assert choice.proba.shape == (30, 5)
    assert (choice.proba[np.append(rows[:15], rare)][:, 2:] == 0).all()
    assert (choice.proba[:, 3:] == 0).all()
    assert np.allclose(choice.proba.sum(axis=1), 1)


def test_sparse_rows_skip_what_would_fill_memory_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.heads.spectral.MOST_SPARSE", 20)
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = sparse.random_array((60, 50), density=0.2, rng=rng, format="csr") + sparse.csr_array(0.8 * np.eye(2, 50)[y])
    choice = choose_head(sparse.csr_matrix(X), y, folds_of(np.zeros((60, 1)), y))
    assert set(choice.skipped) == {"ridge", "lda", "average"}
    assert "45 x 45" in choice.skipped["ridge"]
    assert "ridge is a part of it" in choice.skipped["average"]
    assert {each.name for each in choice.scores} == {"prototype", "logistic", "svm", "neighbours"}
    asked = choose_head(sparse.csr_matrix(X), y, folds_of(np.zeros((60, 1)), y), names=["ridge"])
    assert asked.name == "ridge"


def test_same_input_same_choice(world: Builder) -> None:
    X, y = world(50, 8, 3, apart=1.5)
    first, second = (choose_head(X, y, folds_of(X, y), seed=5) for _ in range(2))
    assert first.name == second.name
    assert np.array_equal(first.proba, second.proba)


def test_uneven_classes_are_said(world: Builder) -> None:
    X, y = world(120, 5, 2, apart=1.0, counts=[108, 12])
    names = ["ridge", "logistic"]
    plain = choose_head(X, y, folds_of(X, y), names=names)
    even = choose_head(X, y, folds_of(X, y), names=names, class_weight="balanced")
    assert "classes are uneven (108 rows in the largest, 12 in the smallest)" in plain.notes[0]
    assert max(s.balanced_accuracy for s in even.scores) > max(s.balanced_accuracy for s in plain.scores) + 0.05
    assert even.head.class_weight == "balanced"
    assert choose_head(*world(40, 4, 2), folds_of(*world(40, 4, 2)), names=names).notes == ()


def test_says_what_is_wrong(world: Builder) -> None:
    X, y = world(20, 4, 2)
    folds = folds_of(X, y)
    with pytest.raises(DataError, match="no folds to compare heads on"):
        choose_head(X, y, [])
    with pytest.raises(DataError, match="X has 20 rows and y has 19"):
        choose_head(X, y[:19], folds)
    with pytest.raises(DataError, match="folds name rows labelled -1 to 0"):
        choose_head(X, y - 1, folds)
    with pytest.raises(DataError, match="labels must be codes 0 to 0"):
        choose_head(X, y, folds, n_classes=1)
    with pytest.raises(UnknownName, match="Unknown head 'forest'"):
        choose_head(X, y, folds, names=["forest"])
