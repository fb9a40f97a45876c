"""The demo writes ordinary folders of pictures, shows each command before it runs, and mixes no two data sets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.data.reading import read

pytest.importorskip("matplotlib")
DEMO = Path(__file__).resolve().parents[2] / "examples" / "learning_from_simulation.py"


def write(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Write small data with the demo, run nothing."""
    words = [sys.executable, str(DEMO), "--folder", str(folder), "--data-only", "--rendered", "30", *more]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.png")}


def test_both_data_sets_read_as_folders_of_pictures(tmp_path: Path) -> None:
    assert write(tmp_path, "--per-class", "2").returncode == 0
    source, target = read(tmp_path / "rendered"), read(tmp_path / "handwritten")
    assert source.task == target.task
    assert source.task.classes == tuple("0123456789")
    assert (len(source), len(target)) == (30, 1797)
    parts = target.parts or ()
    labelled = set(target.labelled.tolist())
    assert sum(part == "train" and row in labelled for row, part in enumerate(parts)) == 20
    assert sum(part == "test" and row in labelled for row, part in enumerate(parts)) == 900
    assert len(labelled) == 920


def test_writing_again_changes_nothing_and_other_data_is_refused(tmp_path: Path) -> None:
    assert write(tmp_path).returncode == 0
    before = content(tmp_path)
    assert write(tmp_path).returncode == 0
    assert content(tmp_path) == before
    refused = write(tmp_path, "--seed", "1")
    assert refused.returncode == 1
    assert "choose another --folder" in refused.stderr
    assert content(tmp_path) == before
