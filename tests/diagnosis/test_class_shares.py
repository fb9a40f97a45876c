"""Whether class shares alone explain a difference, with and without target labels."""

from __future__ import annotations

import numpy as np

from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.side import Side


def sides(shares: float, *, moved: float = 0.0, labelled: bool, seed: int) -> tuple[Side, Side]:
    rng = np.random.default_rng(seed)
    found = []
    for share, shift in ((0.5, 0.0), (shares, moved)):
        y = (rng.random(700) < share).astype(int)
        X = rng.standard_normal((700, 5)) + 2.0 * y[:, None] * np.array([1, 1, 0, 0, 0]) + shift * np.eye(5)[3]
        found.append((X, y))
    (a, ya), (b, yb) = found
    return Side.of(a, ya, classes=("no", "yes")), Side.of(b, yb if labelled else None, classes=("no", "yes"))


def test_label_shift_is_named_with_and_without_target_labels() -> None:
    for labelled in (True, False):
        found = [diagnose_features(*sides(0.85, labelled=labelled, seed=seed)) for seed in range(3)]
        assert [one.setting.variety for one in found].count("label shift") >= 2
        family = {one.name: one.applies for one in found[0].families}
        assert family["prior correction (EM, BBSE)"]
        assert not family["feature (align representations)"]


def test_a_moved_column_is_more_than_label_shift() -> None:
    for labelled in (True, False):
        found = diagnose_features(*sides(0.85, moved=0.8, labelled=labelled, seed=1))
        assert found.setting.variety != "label shift"
        assert found.labels is not None
        assert found.labels.shift_alone <= 0.05


def test_estimated_shares_come_close() -> None:
    found = diagnose_features(*sides(0.85, labelled=False, seed=2))
    assert found.labels is not None
    assert found.labels.priors is not None
    assert abs(found.labels.priors.target[1] - 0.85) < 0.06
