"""A denoising autoencoder on the rows of both domains (Vincent, Larochelle, Bengio & Manzagol, ICML 2008; for domain
adaptation Glorot, Bordes & Bengio, ICML 2011): the one method here that is trained by gradients."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from headstart.adaptation.adapter import FeatureAdapter, Step, stacked
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.hidden_units import beside, counts_of, encoded, presence
from headstart.errors import DataError
from headstart.training.batches import Batch, epoch_order
from headstart.training.chance import chance
from headstart.training.loop import train
from headstart.training.schedule import Schedule
from headstart.training.terms.term import Term


class Encoder(nn.Module):
    """x (n, d) -> restored x (n, d), through `hidden` sigmoid units, each entry of x being dropped with chance `noise`
    while it is trained."""

    def __init__(self, d: int, hidden: int, noise: float) -> None:
        super().__init__()
        self.noise = noise
        self.down, self.up = nn.Linear(d, hidden), nn.Linear(hidden, d)

    def forward(self, X: Tensor) -> Tensor:
        kept = functional.dropout(X, self.noise, training=self.training)
        return self.up(torch.sigmoid(self.down(kept)))


class Restoring(Term):
    """How far the restored row is from the row: cross-entropy for rows of 0 and 1, squared error for others."""

    needs = ("rows",)

    def __init__(self, *, binary: bool) -> None:
        self.binary = binary

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        restored, rows = batch.through(model), batch["rows"]
        if self.binary:
            return functional.binary_cross_entropy_with_logits(restored, rows, reduction="sum") / len(rows)
        return functional.mse_loss(restored, rows, reduction="sum") / len(rows)


class DenoisingAutoencoder(FeatureAdapter):
    """noise   the probability of dropping an entry. hidden: units
    updates of AdamW on batches of `batch` rows, at rate `rate`
    binary  look only at whether an entry is 0; None: for sparse rows that are mostly 0 and nowhere negative
    scale   length of the hidden units relative to the row itself, which the head sees beside them

    Learned: weights_ (d, hidden), bias_ (hidden,), binary_, scale_, losses_ (of each step).
    """

    name: ClassVar[str] = "autoencoder"
    assumes: ClassVar[str] = "columns come and go between the domains, and what they go with stays"
    accepts_sparse: ClassVar[bool] = True

    def __init__(
        self, *, noise: float = 0.5, hidden: int = 200, updates: int = 600, batch: int = 100, rate: float = 3e-3,
        binary: bool | None = None, scale: float = 1.0, seed: int = 0, head: Any = None,
    ) -> None:  # fmt: skip
        self.noise = noise
        self.hidden = hidden
        self.updates = updates
        self.batch = batch
        self.rate = rate
        self.binary = binary
        self.scale = scale
        self.seed = seed
        self.head = head

    def _align(self, domains: Domains) -> tuple[Any, Any]:
        if not 0 < self.noise < 1 or self.hidden < 1:
            raise DataError(f"noise lies in (0, 1) and hidden is at least 1; got {self.noise} and {self.hidden}")
        X = stacked(domains.Xs, domains.Xt)
        # settled here: rows that come later may be dense where these are sparse, and mean the same
        self.binary_ = binary = counts_of(X) if self.binary is None else self.binary
        rows = presence(X, binary)
        squares = rows.power(2) if sparse.issparse(rows) else rows**2
        self.unit_ = 1.0 if binary else float(np.sqrt(squares.mean())) or 1.0
        with chance(self.seed):
            network = Encoder(X.shape[1], self.hidden, self.noise)
        schedule = Schedule(steps=self.updates, batch_size=self.batch, lr=self.rate, weight_decay=0.0)
        steps = train(
            network, self._batches(rows), objective=Restoring(binary=binary), schedule=schedule, seed=self.seed
        )
        self.losses_ = [step.loss for step in steps]
        with torch.no_grad():
            self.weights_ = network.down.weight.T.double().numpy() / self.unit_
            self.bias_ = network.down.bias.double().numpy()
        hidden = encoded(domains.Xs, self.binary_, self.weights_, self.bias_)
        squares = domains.Xs.multiply(domains.Xs).sum() if sparse.issparse(X) else (domains.Xs**2).sum()
        length = float(np.sqrt((hidden**2).sum(axis=1).mean()))
        self.scale_ = self.scale * float(np.sqrt(squares / len(domains.ys))) / (length or 1.0)
        return self._features(domains.Xs), self._features(domains.Xt)

    def _batches(self, rows: Any) -> Any:
        """Batches by step number, spread out one at a time."""
        n = rows.shape[0]
        size = min(self.batch, n)
        per_epoch = n // size

        def batch(step: int) -> Batch:
            order = epoch_order(n, seed=self.seed, epoch=step // per_epoch)
            part = rows[order[step % per_epoch * size :][:size]]
            inputs = torch.from_numpy(np.float32((part.toarray() if sparse.issparse(part) else part) / self.unit_))
            return Batch(inputs, {"rows": inputs})

        return batch

    def _features(self, X: Any) -> Any:
        return beside(X, self.scale_ * encoded(X, self.binary_, self.weights_, self.bias_))

    def steps(self) -> tuple[Step, ...]:
        return (("encode", self.binary_, self.weights_, self.bias_, self.scale_),)
