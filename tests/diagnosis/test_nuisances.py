"""Cross-fitted probabilities: folds, calibration, both families."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from headstart.diagnosis.nuisances import dealt_folds, expanded, out_of_fold


def test_folds_keep_units_together_and_deal_codes_evenly() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], [50, 25])
    fold_of = dealt_folds(None, codes, rng=rng)
    for code in (0, 1):
        counts = np.bincount(fold_of[codes == code], minlength=5)
        assert counts.max() - counts.min() <= 1
    units = np.repeat(np.arange(15), 5)
    fold_of = dealt_folds(units, codes, rng=rng)
    assert all(len(set(fold_of[units == unit].tolist())) == 1 for unit in range(15))


def test_a_row_never_takes_part_in_its_own_prediction() -> None:
    """Turning one fold's labels must leave that fold's predictions at each penalty as they were."""
    rng = np.random.default_rng(1)
    Z, codes = rng.standard_normal((100, 3)).astype(np.float32), rng.integers(0, 2, 100)
    fold_of = np.arange(100) % 5
    before = out_of_fold(Z, codes, fold_of, penalties=[0.1]).proba
    turned = np.where(fold_of == 2, 1 - codes, codes)
    after = out_of_fold(Z, turned, fold_of, penalties=[0.1]).proba
    np.testing.assert_allclose(after[fold_of == 2], before[fold_of == 2], atol=1e-6)
    assert not np.allclose(after[fold_of != 2], before[fold_of != 2], atol=1e-3)


def test_linear_truth_is_fitted_as_well_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(2)
    Z = rng.standard_normal((800, 6))
    codes = (rng.random(800) < 1 / (1 + np.exp(-2 * Z[:, 0]))).astype(int)
    fold_of = dealt_folds(None, codes, rng=rng)
    ours = out_of_fold(expanded(Z, "linear", rng=rng), codes, fold_of)
    theirs = np.zeros((800, 2))
    for fold in range(5):
        held = fold_of == fold
        theirs[held] = LogisticRegression().fit(Z[~held], codes[~held]).predict_proba(Z[held])
    assert ours.log_loss == pytest.approx(log_loss(codes, theirs), abs=0.01)


def test_waves_fit_what_lines_cannot() -> None:
    rng = np.random.default_rng(3)
    Z = rng.standard_normal((800, 3))
    codes = (np.abs(Z[:, 0]) > 0.7).astype(int)
    fold_of = dealt_folds(None, codes, rng=rng)
    linear, waves = (out_of_fold(expanded(Z, name, rng=rng), codes, fold_of).log_loss for name in ("linear", "waves"))
    assert waves < 0.7 * linear


def test_an_eased_penalty_shrinks_less_what_there_is_to_see() -> None:
    rng = np.random.default_rng(4)
    Z = rng.standard_normal((900, 80)).astype(np.float32)
    truth = Z[:, :4] @ [1.0, -1.0, 0.8, 0.6]
    codes = (rng.random(900) < 1 / (1 + np.exp(-truth))).astype(int)
    fold_of = dealt_folds(None, codes, rng=rng)
    slopes = []
    for ease in (1.0, 0.1):
        proba = out_of_fold(Z, codes, fold_of, ease=ease).proba
        slopes.append(np.polyfit(truth, np.log(proba[:, 1] / proba[:, 0]), 1)[0])
    assert slopes[0] < 0.9
    assert slopes[0] < slopes[1] < 1.2
    assert out_of_fold(Z, codes, fold_of).log_loss == out_of_fold(Z, codes, fold_of, ease=0.1).log_loss


def test_two_classes_in_one_column_are_the_softmax() -> None:
    rng = np.random.default_rng(5)
    Z, codes = rng.standard_normal((200, 4)).astype(np.float32), rng.integers(0, 2, 200)
    fold_of = np.arange(200) % 5
    one = out_of_fold(Z, codes, fold_of, penalties=[0.01])
    two = out_of_fold(Z, codes, fold_of, penalties=[0.01], n_classes=3)  # the third class never occurs
    np.testing.assert_allclose(one.proba, two.proba[:, :2], atol=0.02)
