"""Which backbones are probed on every row: a first look on a few drops those that are far behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from headstart.arrays import Rows, Vector
from headstart.planning.foretold import Foretold
from headstart.planning.probing import Frozen, Sight, fewer
from headstart.selection.cascade import BEHIND

FIRST = 64  # rows of the first look


def first_look(sight: Sight) -> Sight | None:
    """The sight of a few rows; None where that would save little, or where rows come in groups."""
    if len(sight.rows) < 2 * FIRST or sight.groups is not None:
        return None
    rows: Rows = sight.rows[fewer(sight, FIRST)]
    return replace(sight, rows=rows)


def far_behind(looked: Sequence[Frozen]) -> dict[int, str]:
    """Positions of the backbones whose best layers are more than three standard errors behind the best of all, with
    the reason. Judged by what each row contributes to R²."""
    best = [max(each.foretold, key=lambda one: one.r2) for each in looked]
    top = max(best, key=lambda one: one.r2)
    return {
        place: f"left behind on {len(_explained(one))} rows by {top.option.name}"
        for place, one in enumerate(best)
        if one is not top and _is_behind(_explained(top) - _explained(one))
    }


def _explained(each: Foretold) -> Vector:
    return np.empty(0) if each.explained is None else each.explained


def _is_behind(differences: Vector) -> bool:
    known = differences[~np.isnan(differences)]
    if len(known) < 2:
        return False
    return bool(known.mean() > BEHIND * known.std(ddof=1) / np.sqrt(len(known)))


def left_behind(looked: Frozen, reason: str) -> Frozen:
    """What stays of a dropped backbone: its options by name, and no word of what they would give."""
    options = tuple(Foretold(replace(each.option, accuracy=None, evidence="", abstained=reason))
                    for each in looked.foretold)  # fmt: skip
    return Frozen(looked.backbone, looked.cost, options, (), {})
