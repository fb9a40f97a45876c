"""What heads have in common, apart from the contract: the temperature, and going on after loading."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.heads.head import calibrated
from headstart.heads.packing import pack, unpack
from headstart.heads.ridge import Ridge
from headstart.heads.statistics import Statistics
from headstart.stats.calibration import COLDEST


def test_few_rows_all_right_are_no_proof_of_certainty() -> None:
    scores, codes = np.eye(3)[[0, 1, 2, 0, 1]], np.array([0, 1, 2, 0, 1])
    assert calibrated(scores, codes) > 10 * COLDEST
    many = np.tile(np.arange(5), 400)
    assert calibrated(scores[many], codes[many]) < calibrated(scores, codes)  # more rows, more certainty


def test_nothing_to_calibrate_on() -> None:
    assert calibrated(np.zeros((0, 3)), np.zeros(0, dtype=int)) == 1.0
    assert calibrated(np.ones((4, 1)), np.zeros(4, dtype=int)) == 1.0


def test_heads_may_share_statistics() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 5)), np.arange(30) % 2
    shared = Statistics.of(X, y)
    assert np.array_equal(Ridge().fit_statistics(shared).predict_proba(X), Ridge().fit(X, y).predict_proba(X))
    assert shared.spectrum is shared.spectrum


def test_a_loaded_head_predicts_and_cannot_go_on() -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 5)), np.arange(30) % 2
    loaded = unpack(*pack(Ridge().fit(X, y)))
    assert loaded.predict(X).shape == (30,)
    with pytest.raises(DataError, match="loaded without its training statistics and can only predict"):
        loaded.partial_fit(X, y)
