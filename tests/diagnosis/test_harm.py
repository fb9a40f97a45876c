"""What a difference costs, and which part of it."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.diagnosis.harm import Harm, harm, held_out_answers
from headstart.diagnosis.sampling import Known
from headstart.diagnosis.separation import domain_proba

from .pairs import pair


def cost(n: int = 600, **world: object) -> Harm:
    source, target = pair(n, **world)
    known = Known(("no", "yes"), (source.X, target.X), (source.labels, target.labels), None)
    rng = np.random.default_rng(0)
    return harm(known, domain_proba(source.X, target.X, rng=rng), rng=rng)


def test_no_difference_costs_nothing() -> None:
    found = cost(2000)
    assert found.loss.low < 0 < found.loss.high
    assert found.within(0.08)
    assert found.within(0.05, part="x_part")
    assert not found.within(0.0001)
    assert found.target_only is not None


def test_other_labels_cost_what_the_label_part_says() -> None:
    found = cost(concept=True)
    assert found.loss.low > 0.1
    assert found.label_part.low > 0.1
    assert abs(found.x_part.value) < 0.08
    assert not found.within(0.05, part="label_part")
    assert found.gain is not None
    assert found.gain.high < 0, "rows with other labels must be seen to do harm"


def test_the_parts_add_up() -> None:
    found = cost(shift=0.5, concept=True)
    assert found.x_part.value + found.label_part.value == pytest.approx(found.loss.value)


def test_a_loss_cannot_be_split_where_no_rows_meet() -> None:
    found = cost(200, shift=8.0)
    assert np.isnan(found.label_part.value)
    assert np.isnan(found.x_part.value)
    assert np.isfinite(found.loss.value)
    assert not found.within(0.5, part="label_part")


def test_a_class_nobody_saw_gets_no_probability() -> None:
    source, target = pair(100)
    rng = np.random.default_rng(0)
    held = held_out_answers(source.X, source.labels, target.X, n_classes=3, groups=None, rng=rng)
    assert not held.target[:, 2].any()
    ones = np.ones(100, dtype=int)
    assert held_out_answers(source.X, ones, target.X, n_classes=2, groups=None, rng=rng).target[:, 1].all()
