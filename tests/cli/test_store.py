"""`headstart store`: the command hands over to the store and prints what it says."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from headstart.cli.main import cli
from headstart.cli.store import size
from headstart.data.samples import digest
from headstart.features.store import Store


@pytest.fixture
def filled(own_store: Path) -> Store:
    """A store with one shelf of four rows."""
    store = Store()
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    store.shelf({"backbone": "f00", "layer": "pool"}, name="raw").put([digest(str(row)) for row in range(4)], rows)
    return store


def shards(store: Store) -> list[Path]:
    return sorted(store.root.rglob("*.safetensors"))


def test_list_shows_rows_and_bytes(filled: Store) -> None:
    shown = CliRunner().invoke(cli, ["store", "list"])
    assert shown.exit_code == 0
    assert "1 shelves, 4 rows" in shown.output
    assert str(filled.root) in shown.output


def test_list_as_json_can_be_read(filled: Store) -> None:
    found = json.loads(CliRunner().invoke(cli, ["store", "list", "--json"]).output)
    assert [shelf["rows"] for shelf in found["shelves"]] == [4]


def test_another_store_can_be_named(filled: Store, tmp_path: Path) -> None:
    assert "0 rows" in CliRunner().invoke(cli, ["store", "list", "--store", str(tmp_path / "other")]).output


def test_verify_is_content_with_what_was_written(filled: Store) -> None:
    ended = CliRunner().invoke(cli, ["store", "verify"])
    assert (ended.exit_code, "all sound" in ended.output) == (0, True)


def test_verify_finds_a_flipped_bit_and_fails(filled: Store) -> None:
    (shard,) = shards(filled)
    data = bytearray(shard.read_bytes())
    data[-3] ^= 0x40
    shard.write_bytes(data)
    ended = CliRunner().invoke(cli, ["store", "verify"])
    assert ended.exit_code == 1
    assert shard.name in ended.output


def test_prune_removes_what_nobody_used(filled: Store) -> None:
    assert CliRunner().invoke(cli, ["store", "prune", "--older-than", "30"]).exit_code == 0
    assert shards(filled)
    long_ago = time.time() - 90 * 24 * 3600
    for path in filled.features.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    assert CliRunner().invoke(cli, ["store", "prune", "--older-than", "30"]).exit_code == 0
    assert not shards(filled)


def test_prune_to_a_size(filled: Store) -> None:
    assert CliRunner().invoke(cli, ["store", "prune", "--max-size", "1GB"]).exit_code == 0
    assert shards(filled)
    assert CliRunner().invoke(cli, ["store", "prune", "--max-size", "10"]).exit_code == 0
    assert not shards(filled)


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("12", 12), ("3 kb", 3000), ("1.5GB", 1_500_000_000), ("2T", 2 * 10**12)]
)
def test_sizes(text: str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "-3MB", "many", "1 XB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no size; write for example"):
        size(text)
