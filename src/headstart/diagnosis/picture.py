"""Where both domains lie in their first two shared components, how classes move, which columns tell them apart."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy import sparse

from headstart.arrays import Labels, Matrix, Rows, Vector
from headstart.diagnosis.findings import Picture
from headstart.diagnosis.side import Side
from headstart.stats.kernels import squared_distances

Telling: TypeAlias = tuple[tuple[str, float], ...]
MOST_POINTS = 400
TELLING = 8
EXAMPLES = 6


def picture_of(
    sides: tuple[Matrix, Matrix],
    labels: tuple[Labels, Labels],
    classes: tuple[str, ...],
    telling: Telling,
    *,
    rng: np.random.Generator,
) -> Picture:
    """sides: (n, p) and (m, p) in shared components; labels in codes of `classes`, -1 unknown.

    Draws rows at random: they often come sorted by class. Arrows rest on all of them.
    """
    points = [side[:, :2] if side.shape[1] > 1 else np.c_[side, 0 * side] for side in sides]
    arrows = []
    for code, name in enumerate(classes):
        members = [place[known == code] for place, known in zip(points, labels, strict=True)]
        if all(len(rows) for rows in members):
            (x1, y1), (x2, y2) = (rows.mean(axis=0).tolist() for rows in members)
            arrows.append((name, x1, y1, x2, y2))
    drawn = [side[np.sort(rng.permutation(len(side))[:MOST_POINTS])] for side in points]
    return Picture(_pairs(drawn[0]), _pairs(drawn[1]), tuple(arrows), telling)


def example_pairs(source: Matrix, target: Matrix, score: Vector) -> list[tuple[int, int]]:
    """Positions (target row, nearest source row) of the target rows that look least like the source."""
    typical = np.argsort(-score, kind="stable")[:EXAMPLES]
    nearest = squared_distances(target[typical], source).argmin(axis=1)
    return list(zip(typical.tolist(), nearest.tolist(), strict=True))


def _pairs(points: Matrix) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


def telling_columns(sides: tuple[Side, Side], rows: tuple[Rows, Rows]) -> Telling:
    """The columns whose means (in spreads) or spreads (as a share) differ most; unnamed ones by number."""
    chosen = [side.X[part] for side, part in zip(sides, rows, strict=True)]
    means = [np.asarray(X.mean(axis=0)).ravel() for X in chosen]
    squares = [np.asarray((X.multiply(X) if sparse.issparse(X) else X**2).mean(axis=0)).ravel() for X in chosen]
    spreads = [np.sqrt((square - mean**2).clip(min=0)) for square, mean in zip(squares, means, strict=True)]
    typical = np.sqrt((spreads[0] ** 2 + spreads[1] ** 2) / 2)
    known = np.where(typical > 0, typical, 1.0)
    shifts = np.concatenate([(means[1] - means[0]) / known, (spreads[1] - spreads[0]) / known])
    shifts[np.tile(typical == 0, 2)] = 0.0
    columns = sides[0].domain.columns or tuple(f"column {i}" for i in range(len(typical)))
    names = [*columns, *(f"{name}, spread" for name in columns)]
    order = np.argsort(-np.abs(shifts), kind="stable")[:TELLING]
    return tuple((names[i], float(shifts[i])) for i in order)
