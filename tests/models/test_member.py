"""A member answers for the classes that its head saw, cooled by its own temperature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.data.dataset import Dataset
from headstart.models.model import Model
from headstart.stats.calibration import apply_temperature


def test_it_is_the_heads_answer_cooled(model: Model, rows: Dataset) -> None:
    member = model.members[0]
    X = member.map.matrix(rows)
    plain = member.head.predict_proba(X)
    np.testing.assert_array_equal(member.proba(X, 3), plain)
    np.testing.assert_allclose(replace(member, temperature=2.0).proba(X, 3), apply_temperature(plain, 2.0))


def test_a_class_it_never_saw_gets_nothing_and_no_rows_are_no_error(model: Model, rows: Dataset) -> None:
    member = model.members[0]
    X = member.map.matrix(rows)
    wide = member.proba(X, 5)
    assert wide.shape == (len(rows), 5) and not wide[:, 3:].any()
    assert wide.sum(axis=1) == pytest.approx(1)
    assert member.proba(X[:0], 3).shape == (0, 3)
