"""Class-regularised transport: a target row takes from one class, and the objective falls in every round."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from headstart.adaptation.domains import Domains
from headstart.adaptation.transport.class_regularised import FLOOR, ClassTransport, class_penalties
from headstart.adaptation.transport.entropic import even_masses
from headstart.errors import DataError
from headstart.heads.lda import LDA
from headstart.stats.sinkhorn import sinkhorn

from ..worlds import moved, same


def setting() -> tuple[Domains, np.ndarray]:
    """Domains of 3 classes in runs, and the cost."""
    pair = same(60)
    order = np.argsort(pair.ys)
    domains = Domains.of(pair.Xs[order], pair.ys[order], pair.Xt)
    cost = ((pair.Xs[order, None] - pair.Xt[None]) ** 2).sum(axis=2)
    return domains, cost / cost.max()


def test_penalties_are_the_slope_of_the_root_of_class_masses() -> None:
    domains, cost = setting()
    plan = sinkhorn(cost, *even_masses(cost), reg=0.05)
    mass = np.stack([plan.matrix[domains.ys == code].sum(axis=0) for code in range(3)])
    step = 1e-7
    slope = (np.sqrt(mass + FLOOR + step) - np.sqrt(mass + FLOOR - step)) / (2 * step)
    np.testing.assert_allclose(class_penalties(mass), slope, rtol=1e-5)


def test_the_objective_falls_and_classes_separate() -> None:
    domains, cost = setting()
    found, purity = [], []
    for rounds in (1, 2, 4, 10):
        adapter = ClassTransport(strength=0.05, rounds=rounds, tolerance=1e-8, max_iter=20_000)
        T = adapter._plan(cost, domains).matrix
        mass = np.stack([T[domains.ys == code].sum(axis=0) for code in range(3)])
        entropy = (T * (np.log(T) - 1)).sum()
        found.append((T * cost).sum() + 0.05 * entropy + 0.05 * np.sqrt(mass + FLOOR).sum())
        purity.append((mass.max(axis=0) / mass.sum(axis=0)).mean())
    assert all(later <= earlier + 1e-7 for earlier, later in itertools.pairwise(found))
    assert purity[-1] > purity[0]


def test_plans_are_those_of_plain_scaling_in_every_round() -> None:
    domains, cost = setting()
    a, b = even_masses(cost)
    plan = sinkhorn(cost, a, b, reg=0.05, tolerance=1e-10, max_iter=50_000)
    for rounds in (2, 3):
        mass = np.stack([plan.matrix[domains.ys == code].sum(axis=0) for code in range(3)])
        taxed = cost + 0.1 * class_penalties(mass)[domains.ys]
        plan = sinkhorn(taxed, a, b, reg=0.05, tolerance=1e-10, max_iter=50_000)
        found = ClassTransport(strength=0.1, rounds=rounds, tolerance=1e-10)._plan(cost, domains)
        assert found.gap <= 1e-10
        np.testing.assert_allclose(found.matrix, plan.matrix, atol=1e-6)


def test_rows_land_where_they_do_in_any_order() -> None:
    pair = moved(90)
    order = np.random.default_rng(0).permutation(len(pair.ys))
    landed = [
        ClassTransport(head=LDA())._carried(Domains.of(pair.Xs[rows], pair.ys[rows], pair.Xt))
        for rows in (np.arange(len(order)), order)
    ]
    np.testing.assert_allclose(landed[1], landed[0][order], atol=1e-3)


def test_misuse() -> None:
    pair = same(30)
    with pytest.raises(DataError, match="strength must not be negative"):
        ClassTransport(strength=-1, head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
