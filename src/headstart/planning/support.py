"""Do the target's rows lie within what a network has learned from? It can be asked with no label at all."""

from __future__ import annotations

import numpy as np

from headstart.arrays import Rows
from headstart.backbones.backbone import Backbone
from headstart.backbones.mlp import Standardise
from headstart.backbones.network import NetworkBackbone
from headstart.data.dataset import Dataset
from headstart.strategies.learner import Prepared

FOREIGN = 0.2  # share of rows outside from which features are not trusted unmeasured


def outside_share(backbone: Backbone, dataset: Dataset, rows: Rows) -> float:
    """Share of the rows (positions in the dataset) outside what the network's standardisation was learned from.

    NaN where that is not known: public networks and those for pictures or texts keep no record of their own data.
    """
    if not isinstance(backbone, NetworkBackbone):
        return float("nan")
    part = next((each for each in backbone.module.modules() if isinstance(each, Standardise)), None)
    if part is None or not np.isfinite(float(part.reach)):
        return float("nan")
    return float(part.outside(backbone.collate(Prepared(dataset, backbone)(rows))).float().mean())
