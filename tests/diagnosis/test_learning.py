"""What more labels would bring."""

from __future__ import annotations

import numpy as np

from headstart.diagnosis.learning import more_labels
from headstart.diagnosis.sampling import Known

from .pairs import pair


def known(n: int, **world: object) -> Known:
    source, target = pair(n, **world)
    return Known(("no", "yes"), (source.X, target.X), (source.labels, target.labels), None)


def test_labels_help_until_they_do_not() -> None:
    points = more_labels(known(600), rng=np.random.default_rng(0))
    assert [point.n for point in points] == [75, 150, 300, 1200, 2400]
    assert [point.seen for point in points] == [True] * 3 + [False] * 2
    assert points[-1].alone.value >= points[0].alone.value
    assert points[0].with_source.value >= points[0].alone.value - 0.02
    for point in points:
        assert 0.02 < point.alone.high - point.alone.low < 0.4
        assert point.alone.low < point.alone.value < point.alone.high


def test_rows_with_other_labels_hold_it_back() -> None:
    points = more_labels(known(600, concept=True), rng=np.random.default_rng(0))
    assert points[2].alone.value > points[2].with_source.value + 0.03


def test_too_few_labels_give_no_curve() -> None:
    assert more_labels(known(30), rng=np.random.default_rng(0)) == ()
