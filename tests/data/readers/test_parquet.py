"""Parquet columns are read as pyarrow wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.data.readers.parquet import read_parquet
from headstart.errors import DataError, MissingExtra

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def test_columns_come_back(tmp_path: Path) -> None:
    columns = {"text": ["a", None], "label": ["x", "y"], "size": [1.5, None], "count": [1, 2], "gap": [1, None]}
    parquet.write_table(arrow.table(columns), tmp_path / "t.parquet")
    found = read_parquet(tmp_path / "t.parquet")
    assert list(found.columns["text"]) == ["a", None]
    assert np.array_equal(found.columns["size"], [1.5, np.nan], equal_nan=True)
    assert list(found.columns["count"]) == [1, 2]
    assert list(found.columns["gap"]) == [1, None]


def test_damage_duplicates_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "t.parquet"
    parquet.write_table(arrow.table([["a"], ["b"]], names=["x", "x"]), whole)
    with pytest.raises(DataError, match="several columns are called 'x'"):
        read_parquet(whole)
    parquet.write_table(arrow.table({"x": ["a" * 1000] * 1000}), whole)
    (tmp_path / "half.parquet").write_bytes(whole.read_bytes()[:100])
    with pytest.raises(DataError, match="no readable Parquet"):
        read_parquet(tmp_path / "half.parquet")
    monkeypatch.setattr("headstart.data.readers.parquet.MAX_BYTES", 10)
    with pytest.raises(DataError, match="unpack"):
        read_parquet(whole)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, *, extra: str) -> None:
        raise MissingExtra(f"{module} is not installed; run: pip install 'headstart[{extra}]'")

    monkeypatch.setattr("headstart.data.readers.parquet.require", missing)
    with pytest.raises(MissingExtra, match=r"headstart\[tables\]"):
        read_parquet(tmp_path / "t.parquet")
