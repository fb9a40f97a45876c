"""Both domains in two dimensions, as they come and as the adapted classifier sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from headstart.adaptation.adapter import Adapter
from headstart.adaptation.auto import source_proba
from headstart.arrays import Labels, Matrix
from headstart.diagnosis.findings import Picture
from headstart.diagnosis.picture import picture_of
from headstart.stats.covariance import principal

MOST = 400  # rows of either side


def before_and_after(
    adapter: Adapter, sides: tuple[Any, Any], labels: tuple[Labels, Labels], classes: Sequence[str], *, seed: int = 0
) -> tuple[Picture, Picture | None]:
    """Pictures of source and target rows (n, d), (m, d) with codes (n,), (m,); the second is None where rows stay.

    Methods that map rows are drawn in the space they map to; those that give answers alone in the space of these.
    """
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.permutation(X.shape[0])[:MOST]) for X in sides]
    Xs, Xt = (X[rows] for X, rows in zip(sides, chosen, strict=True))
    known, names = (labels[0][chosen[0]], labels[1][chosen[1]]), tuple(classes)
    inner = adapter
    while inner.answerer() is not inner:
        inner = inner.answerer()
    first = picture_of(plane(Xs, Xt), known, names, (), rng=rng)
    if inner.family != "feature":
        return first, None
    if inner.maps_rows:
        onto: Any = inner
        carry = onto.transform_source if hasattr(onto, "transform_source") else onto.transform
        seen = carry(Xs), onto.transform(Xt)
    else:
        seen = np.log(source_proba(inner, Xs).clip(min=1e-6)), np.log(inner.predict_proba(Xt).clip(min=1e-6))
    return first, picture_of(plane(*seen), known, names, (), rng=rng)


def plane(source: Any, target: Any) -> tuple[Matrix, Matrix]:
    """The first two principal components of both sides' rows together: (n, 2) and (m, 2)."""
    both = np.concatenate([X.toarray() if sparse.issparse(X) else np.asarray(X) for X in (source, target)])
    centred = np.asarray(both - both.mean(axis=0), dtype=np.float64)
    axes = principal(centred, most=2)[1]
    flat = np.zeros((len(both), 2))
    flat[:, : axes.shape[1]] = centred @ axes
    return flat[: source.shape[0]], flat[source.shape[0] :]
