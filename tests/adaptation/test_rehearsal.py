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
from headstart.adaptation.rehearsal import Rehearsal, Stage, rehearsed, stages, upper_half, widest
from headstart.heads.lda import LDA

from .worlds import Pair, accuracy, moved


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 99))
def test_the_parts_differ_in_likeness_and_not_in_classes(labels: list[int], seed: int) -> None:
    codes, likeness = np.array(labels), np.random.default_rng(seed).normal(size=len(labels))
    near = upper_half(likeness, codes)
    for code in np.unique(codes):
        mine = codes == code
        assert near[mine].sum() == mine.sum() // 2
        if near[mine].any():
            assert likeness[mine & near].min() >= likeness[mine & ~near].max()


def staged(known: int = 0) -> tuple[tuple[Stage, ...], Domains]:
    pair = moved(60)
    yt = np.where(np.arange(60) < known, pair.yt, -1)
    domains = Domains.of(pair.Xs, pair.ys, pair.Xt, yt)
    return stages(domains, pair.Xs[:, 0], pair.Xs), domains


def test_a_stage_is_the_source_and_shows_as_many_labels_as_the_target() -> None:
    played, domains = staged(7)
    for stage in played:
        there = stage.domains
        assert there.known.sum() == 7
        assert (there.yt[there.known] == stage.truth[there.known]).all()
        rows = np.vstack([there.Xs, there.Xt])
        assert {tuple(row) for row in rows} == {tuple(row) for row in domains.Xs}
        np.testing.assert_array_equal(domains.Xs[stage.places], there.Xt)
        assert stage.right(NoAdaptation(head=LDA())).shape == ((~there.known).sum(),)  # type: ignore[union-attr]


def test_every_row_comes_up_once_along_each_direction() -> None:
    played, domains = staged()
    assert len(played) == 4
    for there, back in (played[:2], played[2:]):
        assert sorted([*there.places, *back.places]) == list(range(len(domains.ys)))


def test_the_widest_direction_is_of_rows_of_one_class() -> None:
    """Classes lie far apart along one axis, their rows are spread along another."""
    rng = np.random.default_rng(0)
    codes = np.arange(200) % 2
    X = rng.normal(size=(200, 3)) * [1, 5, 1] + np.outer(codes, [50, 0, 0])
    along = widest(X, codes)
    assert abs(np.corrcoef(along, X[:, 1])[0, 1]) > 0.9
    np.testing.assert_allclose(widest(X + 7, codes) - along, (widest(X + 7, codes) - along)[0], atol=1e-9)


def test_what_is_rehearsed_is_counted() -> None:
    played, domains = staged()
    perfect = [np.ones(len(stage.truth)) for stage in played]
    half = [np.arange(len(stage.truth)) % 2.0 for stage in played]
    found, other = rehearsed(played, perfect, half), rehearsed(played, half, perfect)
    assert found is not None and other is not None
    gains = np.concatenate(perfect) - np.concatenate(half)
    assert found.gain == pytest.approx(gains.mean())
    commonest = [np.bincount(stage.truth).max() / len(stage.truth) for stage in played]
    left = np.mean([(right.mean() - most) / (1 - most) for right, most in zip(half, commonest, strict=True)])
    assert (found.knowledge, other.knowledge) == pytest.approx((1.0, left))
    assert (other.gain, other.error) == pytest.approx((-found.gain, found.error))
    once = rehearsed(played[:2], perfect[:2], half[:2])
    assert once is not None
    each = np.concatenate(perfect[:2]) - np.concatenate(half[:2])
    assert once.error == pytest.approx(each.std() / np.sqrt(len(domains.ys)))


def test_rows_that_come_up_twice_are_not_twice_as_many() -> None:
    played, _ = staged()
    perfect = [np.ones(len(stage.truth)) for stage in played[:2]]
    half = [np.arange(len(stage.truth)) % 2.0 for stage in played[:2]]
    once, twice = rehearsed(played[:2], perfect, half), rehearsed(played[:2] * 2, perfect * 2, half * 2)
    assert once is not None and twice is not None
    assert (twice.gain, twice.error) == pytest.approx((once.gain, once.error))


def test_who_passes() -> None:
    assert Rehearsal(gain=0.03, error=0.01, knowledge=0.5).passed
    assert not Rehearsal(gain=0.015, error=0.01, knowledge=0.9).passed  # luck
    assert not Rehearsal(gain=0.0, error=0.0, knowledge=0.9).passed  # changes nothing
    assert Rehearsal(gain=0.0, error=0.0, knowledge=1.0).passed  # nothing is left to gain
    assert not Rehearsal(gain=-0.03, error=0.01, knowledge=0.99).passed


def test_a_source_that_is_fully_known_does_not_stand_in_the_way() -> None:
    """Classes far apart leave nothing to gain between parts of the source, and the target has moved all the same."""
    pair = moved(100)
    auto = Auto(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    plain = NoAdaptation(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert accuracy(auto, pair) > accuracy(plain, pair) + 0.2


def test_too_few_rows_are_no_stage() -> None:
    X, y = np.eye(12, 5), np.arange(12) % 2
    assert stages(Domains.of(X, y, X), X[:, 0], X) == ()
    rows = np.random.default_rng(0).normal(size=(30, 5))
    lonely = Domains.of(rows, np.append(np.zeros(29, int), 1), X)
    assert stages(lonely, np.arange(30.0), rows) == ()
    pair = moved(15)
    auto = Auto(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert auto.choice_ == "none"


def test_a_method_that_refuses_a_stage_has_no_rehearsal() -> None:
    played, _ = staged()
    assert played[0].right(ADAPTERS["balanced"]()) is None  # it needs target labels, and none are shown
    ones = [np.ones(len(stage.truth)) for stage in played]
    assert rehearsed(played, [None, *ones[1:]], ones) is None


class Contrary(NoAdaptation):
    """Sure, and wrong of one row in ten: it takes the next class for them."""

    def _codes(self, X: np.ndarray) -> np.ndarray:
        codes = super()._codes(X)
        return np.where(np.arange(len(codes)) % 10 == 0, (codes + 1) % len(self.classes_), codes)


def test_a_method_that_harms_does_not_pass() -> None:
    played, _ = staged()
    unadapted = [stage.right(NoAdaptation(head=LDA())) for stage in played]
    found = rehearsed(played, [stage.right(Contrary(head=LDA())) for stage in played], unadapted)
    assert found is not None
    assert found.gain < 0
    assert not found.passed


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
