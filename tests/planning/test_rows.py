"""Which rows the probes look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.planning.rows import probe_rows

from .worlds import blobs, ground_of


def test_few_rows_are_all_looked_at_and_no_test_row_ever() -> None:
    ground = ground_of(blobs(300))
    assert np.array_equal(probe_rows(ground), ground.train)
    fewer = probe_rows(ground, most=40)
    assert len(fewer) == 40
    assert set(fewer) <= set(ground.train)
    assert np.bincount(ground.labels[fewer]).tolist() == [20, 20]
    assert np.array_equal(fewer, probe_rows(ground, most=40))


def test_copies_are_looked_at_once() -> None:
    data = blobs(100)
    digests = tuple(bytes([row // 2]) * 32 for row in range(100))  # each content twice
    ground = ground_of(replace(data, digests=digests))
    rows = probe_rows(ground)
    assert len({digests[row] for row in rows}) == len(rows)
    assert len(rows) < len(ground.train)
