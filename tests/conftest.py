"""Fixtures that every room shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test may need the network


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data and checkpoints; tests that need it skip where it is missing."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("HEADSTART_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real data not found at {folder}; set HEADSTART_TEST_DATA to its folder")
    return folder


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the user's store."""
    root = tmp_path_factory.mktemp("store")
    monkeypatch.setenv("HEADSTART_STORE", str(root))
    return root
