"""A head from class moments alone, after an affine map: what lets a source travel without its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg
from sklearn.base import clone

from headstart.arrays import Matrix
from headstart.errors import DataError
from headstart.heads.head import MergeableHead
from headstart.heads.lda import LDA
from headstart.heads.moments import Moments
from headstart.heads.statistics import Statistics


def mapped_moments(moments: Moments, affine: Callable[[Matrix], Matrix]) -> Moments:
    """Moments of affine(rows), from those of the rows: means are mapped, and so are the scatter's principal rows."""
    if moments.scatter is None:
        raise DataError("these moments hold no scatter; collect them with Moments.of(..., scatter=True)")
    values, vectors = linalg.eigh(moments.scatter, check_finite=False)
    roots = np.sqrt(values.clip(min=0.0))[:, None] * vectors.T
    moved = affine(moments.mean + roots) - affine(moments.mean[None])
    means = np.where(moments.counts[:, None] > 0, affine(moments.means), 0.0)
    return Moments(moments.counts, means, moved.T @ moved)


def head_on_moments(head: Any, moments: Moments, classes: Any) -> Any:
    """The head fitted on class moments, rows in order of `classes` (C,); None takes LDA of shrinkage .1.
    Its temperature stays 1: no row is there to calibrate it on.

    Raises `DataError` for heads that need rows (those that `merge` do not), and for another number of classes.
    """
    head = LDA(shrinkage=0.1) if head is None else clone(head)
    if not isinstance(head, MergeableHead) or head.keeps != "scatter":
        raise DataError(f"{type(head).__name__} cannot be fitted on moments; take lda or ridge with a fixed penalty")
    if len(classes) != len(moments.counts):
        raise DataError(f"the moments tell {len(moments.counts)} classes apart, {len(classes)} were named")
    d = moments.means.shape[1]
    nothing = np.zeros(0, dtype=np.int64)
    return head.fit_statistics(Statistics(np.asarray(classes), np.zeros((0, d)), nothing, np.zeros(0), moments))
