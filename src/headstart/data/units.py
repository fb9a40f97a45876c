"""Rows that must stay together: equal content or equal group, and whatever that chains together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from headstart.arrays import Rows


def units_of(digests: Sequence[bytes], groups: Sequence[str] | None = None) -> Rows:
    """The number of the unit of every row; shape (n,). Units are the connected components of "same digest or group".

    >>> units_of([b"a", b"b", b"a", b"c"], ["x", "y", "z", "y"]).tolist()
    [0, 1, 0, 1]
    """
    n = len(digests)
    if not n:
        return np.zeros(0, dtype=np.int64)
    tokens: list[tuple[str, object]] = [("content", digest) for digest in digests]
    rows = list(range(n))
    if groups is not None:
        tokens += [("group", group) for group in groups]
        rows += range(n)
    number = {token: n + position for position, token in enumerate(dict.fromkeys(tokens))}
    edges = (np.ones(len(rows)), (rows, [number[token] for token in tokens]))
    size = n + len(number)
    _, component = connected_components(coo_array(edges, shape=(size, size)), directed=False)
    return np.unique(component[:n], return_inverse=True)[1].astype(np.int64)
