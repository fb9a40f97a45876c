"""Synthetic pairs of problems whose differences are known, for `diagnosis.py`: five shifts, and all sixteen
combinations of the four conditions."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from headstart.diagnosis.side import Side

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
CONDITIONS = ("X", "P(X)", "Y", "P(Y|X)")
SHIFTS = ("dense mean", "one mean", "scale", "correlation", "mixture")


def shifted(kind: str, n: int, d: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two normal samples (n, d); the second one moved a little, each kind where another test is blind."""
    source, target = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    if kind == "dense mean":
        target += 0.06
    elif kind == "one mean":
        target[:, 3] += 0.25
    elif kind == "scale":
        target *= 1.06
    elif kind == "correlation":
        for one, other in ((3, 7), (min(20, d - 1), 11)):
            target[:, other] = 0.5 * target[:, one] + np.sqrt(0.75) * target[:, other]
    elif kind == "mixture":
        target[rng.random(n) < 0.05] += 0.5
    return source, target


def same_problem(n: int, d: int, rng: np.random.Generator) -> tuple[Array, Array, Codes, Codes]:
    """Two samples of one problem, with labels of two classes."""
    source, target = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    return source, target, _two_classes(source, rng), _two_classes(target, rng)


def covariate_shift(n: int, d: int, rng: np.random.Generator) -> tuple[Array, Array, Codes, Codes]:
    """P(X) moves along columns that matter for the label; labels at the same x agree."""
    source, target = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    target[:, :3] += [0.5, -0.6, 0.4]
    target[:, 6] += 0.5
    return source, target, _two_classes(source, rng), _two_classes(target, rng)


def _two_classes(X: Array, rng: np.random.Generator) -> Codes:
    scores = X[:, :5] @ [1.2, -0.9, 0.7, 0.6, -0.8]
    return (rng.random(len(X)) < 1 / (1 + np.exp(-scores))).astype(np.int64)


def truths() -> list[tuple[str, ...]]:
    """Every combination of conditions that may differ."""
    return [
        tuple(name for name, on in zip(CONDITIONS, bits, strict=True) if on)
        for bits in itertools.product((False, True), repeat=4)
    ]


def known_pair(truth: tuple[str, ...], rng: np.random.Generator) -> tuple[Side, Side]:
    """A labelled source and target that differ in the conditions of `truth` and in nothing else.

    8 to 20 correlated columns, three of which say nothing about the label; 700 to 1,500 rows, 3 or 4 classes. X: two
    of the idle columns are replaced; P(X): means, scale, a correlation or a cluster; Y: the last class falls into two
    new ones; P(Y|X): the columns that matter swap their roles.
    """
    d, n_classes = int(rng.integers(8, 20)), int(rng.integers(3, 5))
    n, m = (int(value) for value in rng.integers(700, 1500, size=2))
    mix = np.linalg.qr(rng.standard_normal((d, d)))[0] * np.sqrt(rng.uniform(0.4, 1.6, d))
    source, target = rng.standard_normal((n, d)) @ mix.T, rng.standard_normal((m, d)) @ mix.T
    order = rng.permutation(d)
    relevant, idle = order[: d - 3], order[d - 3 :]
    weights = np.zeros((d, n_classes))
    weights[relevant] = rng.standard_normal((len(relevant), n_classes)) * 2.2 / np.sqrt(len(relevant))
    target = _moved(target, relevant, rng) if "P(X)" in truth else target
    turned = _relabelled(weights, relevant, rng) if "P(Y|X)" in truth else weights
    codes = [_drawn(source @ weights, rng), _drawn(target @ turned, rng)]
    classes = [f"class {code}" for code in range(n_classes)]
    names = [np.array(classes)[side] for side in codes]
    if "Y" in truth:
        halves = np.where(rng.random(m) < 0.5, "a", "b")
        names[1] = np.array([n + h if n == classes[-1] else n for n, h in zip(names[1], halves, strict=True)])
    columns = [[f"column {i}" for i in range(d)] for _ in range(2)]
    if "X" in truth:
        kept = [i for i in range(d) if i not in idle[:2]]
        target = np.concatenate([target[:, kept], rng.standard_normal((m, 2))], axis=1)
        columns[1] = [columns[0][i] for i in kept] + ["new 0", "new 1"]
    return (
        Side.of(source, names[0], columns=tuple(columns[0]), name="source"),
        Side.of(target, names[1], columns=tuple(columns[1]), name="target"),
    )


def _moved(target: Array, relevant: NDArray[np.int64], rng: np.random.Generator) -> Array:
    moved, some, kind = target.copy(), relevant[:4], rng.integers(4)
    if kind == 0:
        moved[:, some] += rng.choice([-1, 1], 4) * rng.uniform(0.3, 0.6, 4)
    elif kind == 1:
        moved *= rng.choice([0.8, 1.25])
    elif kind == 2:
        moved[:, some[0]] = 0.6 * moved[:, some[1]] + 0.8 * moved[:, some[0]]
    else:
        moved[np.ix_(rng.random(len(moved)) < 0.25, some)] += 1.2
    return moved


def _relabelled(weights: Array, relevant: NDArray[np.int64], rng: np.random.Generator) -> Array:
    turned = weights.copy()
    if rng.random() < 0.5:
        turned[relevant] = weights[rng.permutation(relevant)]
    else:
        half = relevant[: len(relevant) // 2]
        turned[half] = -weights[half]
    return turned


def _drawn(scores: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    return (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
