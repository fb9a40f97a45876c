"""Which rows the probes look at: some of the training rows, every class among them, none twice."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Rows
from headstart.strategies.ground import Ground

PLENTY = 1000
PER_CLASS = 20
MOST = 2000


def probe_rows(ground: Ground, *, most: int | None = None) -> Rows:
    """Training rows (positions in the dataset): at most max(1000, 20 per class), never over 2,000, drawn in the
    classes' own proportions. Of rows with equal content one is kept: its copy would give the answer away."""
    rows = _unique(ground)
    limit = most or min(MOST, max(PLENTY, PER_CLASS * ground.n_classes))
    if len(rows) <= limit:
        return rows
    rng = np.random.default_rng(ground.seed)
    labels = ground.labels[rows]
    chosen = []
    for code in np.unique(labels):
        members = rng.permutation(rows[labels == code])
        chosen.append(members[: max(min(2, len(members)), round(limit * len(members) / len(rows)))])
    return np.sort(np.concatenate(chosen))


def _unique(ground: Ground) -> Rows:
    digests = ground.dataset.digests
    if digests is None:
        return ground.train
    seen: dict[bytes, int] = {}
    for row in ground.train.tolist():
        seen.setdefault(digests[row], row)
    return np.array(sorted(seen.values()), dtype=np.int64)
