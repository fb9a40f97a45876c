"""Which rows can be answered."""

from __future__ import annotations

import numpy as np

from headstart.data.dataset import Dataset
from headstart.models.prediction import Prediction, usable
from headstart.problem import Domain, Task


def test_usable_rows_and_reasons() -> None:
    texts = ["fine", "  ", "also fine"]
    dataset = Dataset(Domain("text"), Task(), texts, np.full(3, -1), ("1", "2", "3"))
    rows, reasons = usable(dataset)
    assert rows.tolist() == [0, 2]
    assert [bool(reason) for reason in reasons] == [False, True, False]


def test_abstaining_is_not_failing() -> None:
    assert Prediction(id="1", label="", confidence=float("nan"), reason="truncated").failed
    assert not Prediction(id="1", label="", confidence=0.4, reason="abstained", abstained=True).failed
