"""LEEP: how well the source classifier's own answers foretell the target's labels (Nguyen et al., ICML 2020, eq. 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class LEEP(Metric):
    """Mean log Σ_z P(y | z) θ_z(x), in nats: at most 0. θ are the source's probabilities, z its classes."""

    name: ClassVar[str] = "leep"
    needs_source_head: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        assert features.source_proba is not None
        rows = leep(features.source_proba, features.codes)
        return Measurement(float(rows.mean()), float(rows.std() / np.sqrt(len(rows))), rows)


def leep(proba: Matrix, codes: Labels) -> Vector:
    """Log of the expected empirical probability of each row's label (n,).

    proba (n, Z) sums to 1 in each row. A source class that no row gives any mass says nothing and is left out (the
    published formula divides zero by zero there).
    """
    if proba.ndim != 2 or (proba < 0).any() or not np.allclose(proba.sum(axis=1), 1, atol=1e-3):
        raise DataError("source probabilities must not be negative and must sum to 1 in each row; give a softmax")
    joint = np.zeros((int(codes.max()) + 1, proba.shape[1]))
    np.add.at(joint, codes, proba)
    seen = joint.sum(axis=0) > 0
    given = joint[:, seen] / joint[:, seen].sum(axis=0)  # P(y | z)
    expected = np.einsum("nz,nz->n", proba[:, seen], given[codes])
    return np.asarray(np.log(expected.clip(min=1e-300)))
