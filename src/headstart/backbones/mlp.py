"""A small fully connected network for vectors, made to be trained from scratch; columns are standardised inside it."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import Tensor, nn

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.seeding import seeded
from headstart.backbones.vector_preparation import VectorPreparation
from headstart.errors import BackboneError

LIMIT = 3.0  # standard deviations: what lies further out says "far out" and no more
RARE = 0.99  # quantile of the learned rows beyond which a row counts as outside


class Standardise(nn.Module):
    """(x - mean) / scale per column, held within ±3; identity until `learn` has seen rows. Its statistics are buffers,
    so they are saved and digested with the weights.

    reach  mean number of standard deviations over the columns that one in a hundred of the learned rows exceeds

    The limit is for rows of another domain: a column that hardly moved in the rows that were learned from (the corner
    pixels of digits) has a scale near zero, so that the first row in which it does move would be thousands of standard
    deviations out and drown all others. A limit in standard deviations knows no units, as a least scale would.
    """

    mean: Tensor
    scale: Tensor
    limit: Tensor
    reach: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.register_buffer("limit", torch.tensor(float("inf")))
        self.register_buffer("reach", torch.tensor(float("inf")))

    @torch.no_grad()
    def learn(self, rows: Tensor) -> None:
        """Take mean and standard deviation from training rows (n, inputs); a constant column keeps scale 1."""
        deviation = rows.double().std(0, correction=0)
        self.mean.copy_(rows.double().mean(0))
        self.scale.copy_(torch.where(deviation > 0, deviation, torch.ones_like(deviation)))
        self.limit.fill_(LIMIT)
        self.reach.fill_(float(np.quantile(self._distance(rows).numpy(), RARE)))

    def forward(self, rows: Tensor) -> Tensor:
        return torch.clamp((rows - self.mean) / self.scale, -self.limit, self.limit)

    @torch.no_grad()
    def outside(self, rows: Tensor) -> Tensor:
        """Which rows (n, inputs) lie further out than 99 of 100 rows that were learned from; (n,) bool, none until
        `learn` has seen rows."""
        return self._distance(rows) > self.reach

    def _distance(self, rows: Tensor) -> Tensor:
        """Mean number of standard deviations over the columns, without a limit; (n,)."""
        return ((rows - self.mean) / self.scale).abs().mean(dim=1)


def open_mlp(
    rest: str = "", *, inputs: int, width: int = 256, depth: int = 2, classes: int = 2, seed: int = 0
) -> NetworkBackbone:
    """`mlp`: random weights until trained. `module.standardise.learn(rows)` first, then train; `module(batch)` gives
    logits, its last child is `classifier`.

    inputs  columns of the data
    depth   hidden layers of `width` rectified units
    """
    if rest:
        raise BackboneError(f"'mlp' takes options only, got 'mlp/{rest}'; write e.g. mlp?inputs=64")
    if min(inputs, width, depth, classes) < 1:
        raise BackboneError(
            f"mlp takes inputs, width, depth and classes from 1 up; got inputs={inputs}, width={width}, depth={depth}, "
            f"classes={classes}"
        )
    with seeded(seed):
        module = mlp_network(inputs=inputs, width=width, depth=depth, classes=classes)
    return NetworkBackbone(
        module,
        name="mlp",
        modality="vector",
        license="Apache-2.0",
        layers={name: name for name, _ in module.named_children() if name not in ("standardise", "classifier")},
        preparation=VectorPreparation(inputs=inputs),
        options={"inputs": inputs, "width": width, "depth": depth, "classes": classes, "seed": seed},
        reopens=True,
    )


def mlp_network(*, inputs: int, width: int, depth: int, classes: int) -> nn.Sequential:
    """(n, inputs) → (n, classes): standardise, layer1 …, pool (the last hidden layer), classifier."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(standardise=Standardise(inputs))
    for number in range(1, depth + 1):
        name = "pool" if number == depth else f"layer{number}"
        layers[name] = nn.Sequential(nn.Linear(inputs if number == 1 else width, width), nn.ReLU())
    layers["classifier"] = nn.Linear(width, classes)
    return nn.Sequential(layers)
