"""Ctrl-C in every phase: one line, status 130, no half of anything left behind, and the next run works."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from headstart.cli.main import INTERRUPTED

Run = Callable[..., Result]
ALONE = {  # phases of a run without a source
    "reading": "headstart.jobs.transferring:read",
    "preflight": "headstart.data.inspection:examine",
    "splitting": "headstart.jobs.transferring:split",
    "extracting": "headstart.features.computing:as_rows",
    "storing": "headstart.features.shelf:write_shard",
    "choosing heads": "headstart.strategies.feature_extraction:choose_head",
    "the baselines": "headstart.jobs.transferring:null_entries",
    "choosing": "headstart.jobs.transferring:choose",
    "writing the report": "headstart.jobs.transferring:render",
    "saving": "headstart.models.packing:save_arrays",
    "checking what was saved": "headstart.models.folder:_compare",
}
WITH_A_SOURCE = {
    "training": "headstart.strategies.network_learner:train",
    "fine-tuning": "headstart.jobs.transferring:fine_tuned",
}


def interrupt(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Ctrl-C arrives when this function is called."""
    module, _, name = place.partition(":")
    whole = getattr(importlib.import_module(module), name)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return whole(*arguments, **options)

    monkeypatch.setattr(f"{module}.{name}", interrupted)


@pytest.mark.parametrize("phase", ALONE)
def test_a_run_can_be_interrupted_in_every_phase(
    run: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    interrupt(monkeypatch, ALONE[phase])
    stopped = run("transfer", str(photos), "-o", str(tmp_path / "model"), "--no-scratch", "--quiet")
    assert stopped.exit_code == 130, stopped.output
    assert stopped.stderr.strip() == INTERRUPTED
    assert not list(tmp_path.iterdir())  # neither a model nor a draft of one


def test_after_interruptions_the_run_goes_through(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for name, n in (("target", 40), ("source", 60)):
        X = np.random.default_rng(n).standard_normal((n, 4)).astype(np.float32)
        np.savez(tmp_path / f"{name}.npz", X=X, y=np.array(["low", "high"])[(X[:, 0] > 0).astype(int)])
        files.append(str(tmp_path / f"{name}.npz"))
    words = ("transfer", files[0], "--from", files[1], "--no-scratch", "--quiet", "-o", str(tmp_path / "model"))
    for place in WITH_A_SOURCE.values():
        with monkeypatch.context() as patched:
            interrupt(patched, place)
            stopped = run(*words)
        assert (stopped.exit_code, stopped.stderr.strip()) == (130, INTERRUPTED)
    ended = run(*words)
    assert ended.exit_code == 0, ended.output
    assert run("store", "verify").exit_code == 0


def test_predictions_made_before_an_interrupt_stand(
    run: Run, model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headstart.models.model.CHUNK", 16)
    from headstart.models.prediction import usable

    chunks: list[int] = []

    def interrupted(dataset: Any) -> Any:
        chunks.append(len(dataset))
        if len(chunks) == 3:
            signal.raise_signal(signal.SIGINT)
        return usable(dataset)

    monkeypatch.setattr("headstart.models.model.usable", interrupted)
    stopped = run("predict", str(model), str(photos), "--quiet")
    assert stopped.exit_code == 130
    assert len(stopped.stdout.splitlines()) == 1 + 2 * 16
