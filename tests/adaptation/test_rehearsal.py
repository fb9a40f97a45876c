"""A method is rehearsed where the truth is known: who cannot gain there is not sent where nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.adaptation import ADAPTERS
from headstart.adaptation.auto import Auto
from headstart.adaptation.domains import Domains
from headstart.adaptation.none import NoAdaptation
from headstart.adaptation.rehearsal import Rehearsal, Stage, nearer_half
from headstart.heads.lda import LDA

from .worlds import Pair, accuracy, moved


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 99))
def test_the_parts_differ_in_likeness_and_not_in_classes(labels: list[int], seed: int) -> None:
    codes, likeness = np.array(labels), np.random.default_rng(seed).normal(size=len(labels))
    near = nearer_half(likeness, codes)
    for code in np.unique(codes):
        mine = codes == code
        assert near[mine].sum() == mine.sum() // 2
        if near[mine].any():
            assert likeness[mine & near].min() >= likeness[mine & ~near].max()


def staged(known: int = 0) -> tuple[Stage, Domains]:
    pair = moved(60)
    yt = np.where(np.arange(60) < known, pair.yt, -1)
    domains = Domains.of(pair.Xs, pair.ys, pair.Xt, yt)
    stage = Stage.of(domains, pair.Xs[:, 0])
    assert stage is not None
    return stage, domains


def test_the_stage_is_the_source_and_shows_as_many_labels_as_the_target() -> None:
    stage, domains = staged(7)
    there = stage.domains
    assert there.known.sum() == 7
    assert (there.yt[there.known] == stage.truth[there.known]).all()
    rows = np.vstack([there.Xs, there.Xt])
    assert {tuple(row) for row in rows} == {tuple(row) for row in domains.Xs}
    assert stage.right(NoAdaptation(head=LDA())).shape == ((~there.known).sum(),)  # type: ignore[union-attr]


def test_what_is_rehearsed_is_counted() -> None:
    stage, _ = staged()
    n = len(stage.truth)
    perfect, half = np.ones(n), np.arange(n) % 2.0
    found = stage.rehearsed(perfect, half)
    assert found is not None
    assert found.gain == pytest.approx(1 - half.mean())
    assert found.error == pytest.approx((perfect - half).std() / np.sqrt(n))
    assert found.knowledge == pytest.approx(1.0)
    commonest = np.bincount(stage.truth).max() / n
    other = stage.rehearsed(half, perfect)
    assert other is not None
    assert other.knowledge == pytest.approx((half.mean() - commonest) / (1 - commonest))


def test_who_passes() -> None:
    assert Rehearsal(gain=0.03, error=0.01, knowledge=0.3).passed
    assert not Rehearsal(gain=0.015, error=0.01, knowledge=0.3).passed  # luck
    assert Rehearsal(gain=0.0, error=0.0, knowledge=0.9).passed  # nothing was left to gain
    assert not Rehearsal(gain=-0.02, error=0.01, knowledge=0.9).passed


def test_too_few_rows_are_no_stage() -> None:
    X, y = np.eye(12, 5), np.arange(12) % 2
    assert Stage.of(Domains.of(X, y, X), X[:, 0]) is None
    lonely = Domains.of(np.random.default_rng(0).normal(size=(30, 5)), np.append(np.zeros(29, int), 1), X)
    assert Stage.of(lonely, np.arange(30.0)) is None
    pair = moved(15)
    auto = Auto(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert auto.choice_ == "none"


def test_a_method_that_refuses_the_stage_has_no_rehearsal() -> None:
    stage, _ = staged()
    assert stage.right(ADAPTERS["balanced"]()) is None  # it needs target labels, and none are shown
    assert stage.rehearsed(None, np.ones(3)) is None


def topics(n: int, seed: int) -> Pair:
    """Rows lie in groups, eight in the source and eight others in the target; the class is a small step in one
    direction within each group: whoever goes by what lies close together is sure, and wrong."""
    rng = np.random.default_rng(seed)

    def domain(of: int) -> tuple[np.ndarray, np.ndarray]:
        y, group = rng.integers(0, 2, n), rng.integers(0, 8, n)
        centres = 12 * np.random.default_rng(of).normal(size=(8, 30)) / np.sqrt(30)
        X = centres[group] + 0.6 * rng.normal(size=(n, 30))
        X[:, 0] += 0.8 * (2 * y - 1)
        return X, y

    return Pair(*domain(1), *domain(2))


@pytest.mark.parametrize("seed", [1, 4])
def test_groups_that_are_no_classes_mislead_the_votes_alone(seed: int) -> None:
    """Without the rehearsal these lost six and seven points."""
    pair = topics(300, seed)
    auto = Auto()
    assert accuracy(auto, pair) >= accuracy(NoAdaptation(), pair) - 0.01
    assert any(trial.rehearsal and not trial.rehearsal.passed for trial in auto.trials_)
