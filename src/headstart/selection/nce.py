"""NCE: minus the conditional entropy of the target's labels given the source's (Tran, Nguyen & Hassner, ICCV 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.leep import leep
from headstart.selection.metric import Measurement, Metric


@dataclass(frozen=True)
class NCE(Metric):
    """-H(Y | Z) in nats, Z the source's most probable class: LEEP of its hard answers."""

    name: ClassVar[str] = "nce"
    needs_source_head: ClassVar[bool] = True

    def _measure(self, features: LabelledFeatures) -> Measurement:
        assert features.source_proba is not None
        hard = np.eye(features.source_proba.shape[1])[features.source_proba.argmax(axis=1)]
        rows = leep(hard, features.codes)
        return Measurement(float(rows.mean()), float(rows.std() / np.sqrt(len(rows))), rows)
