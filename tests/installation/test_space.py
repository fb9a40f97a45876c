"""The store's place: how much it holds, whether it can be written, whether there is room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from headstart.features.store import Store
from headstart.installation import space


def test_a_store_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    found = space.store_space(Store(tmp_path / "deep" / "store"))
    assert found.status == "ok"
    assert "0 MB used" in found.detail
    assert not (tmp_path / "deep").exists()


def test_what_it_holds_is_counted(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "shard").write_bytes(b"x" * 3_000_000)
    assert "3 MB used" in space.store_space(Store(tmp_path)).detail


def test_a_file_in_its_place_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = space.store_space(Store(tmp_path / "file"))
    assert (found.status, "HEADSTART_STORE" in found.fix) == ("broken", True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert space.store_space(Store(tmp_path / "store")).status == "broken"


def test_a_full_disk_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5))
    found = space.store_space(Store(tmp_path))
    assert (found.status, "prune" in found.fix) == ("note", True)
