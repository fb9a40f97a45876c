"""What a transfer leaves for the record: the best of each backbone, by the folds."""

from __future__ import annotations

import numpy as np
import pytest

import headstart as hs
from headstart.features.store import Store
from headstart.selection.record import recalled


def test_a_transfer_is_remembered_by_its_backbones(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 6)).astype(np.float32)
    y = np.where(X[:, 0] > 0, "yes", "no")
    monkeypatch.setenv("HEADSTART_RECORD", "off")
    hs.transfer((X, y), scratch=False, quiet=True)
    assert recalled(Store()) == []
    monkeypatch.delenv("HEADSTART_RECORD")
    result = hs.transfer((X, y), scratch=False, quiet=True)
    (run,) = recalled(Store())
    raw = next(entry for entry in result.findings.entries if entry.kind == "raw input")
    assert run.accuracy == pytest.approx(raw.validation.value)
    assert (run.name, run.modality, run.n) == ("raw", "vector", result.findings.n_train)
