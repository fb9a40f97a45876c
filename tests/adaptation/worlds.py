"""Small pairs of domains in which it is known what should happen."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Pair(NamedTuple):
    """Source rows and labels, target rows and the labels that nobody shows to the method."""

    Xs: Any
    ys: Any
    Xt: Any
    yt: Any


def blobs(n: int, rng: np.random.Generator, *, d: int = 5, shares: Any = None, apart: float = 4.0) -> tuple[Any, Any]:
    """Three Gaussian classes in d dimensions."""
    y = rng.choice(3, n, p=shares)
    return rng.normal(size=(n, d)) + apart * np.eye(3, d)[y], y


def same(n: int = 120, *, seed: int = 0) -> Pair:
    """No shift at all."""
    rng = np.random.default_rng(seed)
    return Pair(*blobs(n, rng, apart=3.0), *blobs(n, rng, apart=3.0))


def moved(n: int = 120, *, seed: int = 0) -> Pair:
    """The target is stretched, sheared a little and moved so far that the source's boundaries miss it."""
    rng = np.random.default_rng(seed)
    pair = Pair(*blobs(n, rng), *blobs(n, rng))
    shear = np.eye(5) + 0.1 * rng.normal(size=(5, 5))
    return pair._replace(Xt=1.5 * pair.Xt @ shear + np.array([4.0, -4.0, 1.0, 0.0, 2.0]))


def other_shares(n: int = 300, *, seed: int = 0) -> Pair:
    """The same classes, overlapping, in other proportions."""
    rng = np.random.default_rng(seed)
    source = blobs(n, rng, shares=[0.8, 0.1, 0.1], apart=1.5)
    return Pair(*source, *blobs(n, rng, shares=[0.1, 0.1, 0.8], apart=1.5))


def some_known(pair: Pair, count: int = 12, *, seed: int = 0) -> Any:
    """The target's labels with all but `count` hidden, a few of each class shown."""
    rng = np.random.default_rng(seed)
    shown = np.full(len(pair.yt), -1)
    rows = np.concatenate([rng.permutation(np.flatnonzero(pair.yt == code))[: count // 3] for code in range(3)])
    shown[rows] = pair.yt[rows]
    return shown


def accuracy(adapter: Any, pair: Pair, yt: Any = None) -> float:
    return float((adapter.fit(pair.Xs, pair.ys, pair.Xt, yt).predict(pair.Xt) == pair.yt).mean())
