"""Are the pictures of both sides of one kind: colour here, grey there?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.data.pictures import open_picture

LOOKED_AT = 48
GREY = 12  # difference of channels, of 255, that compression alone may leave
COLOURED = 0.01  # share of pixels beyond it: products on white are hardly coloured, but they are
UNLIKE = 0.8


def doubt_about_colour(source: Sequence[Any], target: Sequence[Any]) -> str:
    """A sentence where one side is in colour and the other mostly is not; empty otherwise."""
    first, second = coloured_share(source), coloured_share(target)
    if abs(first - second) < UNLIKE:
        return ""
    return f"{first:.0%} of the source's pictures are in colour, {second:.0%} of the target's: other channels?"


def coloured_share(pictures: Sequence[Any]) -> float:
    """Of at most 48 pictures spread over the list; all must be readable."""
    rows = np.unique(np.linspace(0, len(pictures) - 1, min(LOOKED_AT, len(pictures))).astype(int))
    return float(np.mean([_coloured(pictures[row]) for row in rows])) if len(rows) else 0.0


def _coloured(item: Any) -> bool:
    picture = open_picture(item, at_least=64)
    picture.thumbnail((64, 64))
    pixels = np.asarray(picture, dtype=np.float64)
    return bool(((pixels.max(axis=2) - pixels.min(axis=2)) > GREY).mean() > COLOURED)
