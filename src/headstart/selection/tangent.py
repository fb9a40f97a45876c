"""The tangent kernel: what training a network could reach to first order (Jacot et al., NeurIPS 2018).

For small steps a network is linear in its weights, so that training it is ridge regression on per-sample gradients:
frozen below a boundary, on those of the weights above it alone. Leave-one-out in that kernel predicts test risk, of
pretrained and of random weights (Wei, Hu & Steinhardt, ICML 2022). Gradients are as long as the network has weights;
a random projection keeps their inner products.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from headstart.arrays import Matrix
from headstart.backbones.capture import capture
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.pooling import pool, tensor_and_mask
from headstart.errors import DataError

WIDTH = 1021  # prime, so that the rows of a weight matrix do not fold onto each other


@dataclass(frozen=True, eq=False)
class Tangents:
    """Projected gradients of one network at some samples.

    embedding  (n, d) the last layer, pooled: the gradient of a linear head on it
    blocks     layer name → (n, width) gradient of all weights that run up to that layer from the one before it, in
               order from input to output; blocks without weights have none
    """

    embedding: Matrix
    blocks: Mapping[str, Matrix]

    def above(self, boundary: str | None = None) -> Matrix:
        """The tangent features (n, d + width) of training the head and every block above `boundary` (None: all).

        The projection is linear, so that blocks add up. Head and body count alike: both are scaled to rows of mean
        squared length 1, for an optimizer that adapts its rates does not keep the gradients' own proportion.
        Raises `DataError` for a boundary that is no layer with weights.
        """
        names = list(self.blocks)
        if boundary is not None and boundary not in names:
            raise DataError(f"no block '{boundary}'; blocks with weights: {', '.join(names)}")
        moving = names if boundary is None else names[names.index(boundary) + 1 :]
        if not moving:
            return unit_power(self.embedding)
        body = np.sum([self.blocks[name] for name in moving], axis=0)
        return np.hstack([unit_power(self.embedding), unit_power(body)])

    def shares(self) -> dict[str, float]:
        """Each block's part of the squared gradient: where training would move the network first."""
        squares = {name: float((block.astype(np.float64) ** 2).sum()) for name, block in self.blocks.items()}
        total = sum(squares.values()) or 1.0
        return {name: square / total for name, square in squares.items()}


def tangents(
    backbone: NetworkBackbone,
    prepared: Sequence[Any],
    *,
    boundary: str | None = None,
    width: int = WIDTH,
    seed: int = 0,
    progress: bool = False,
) -> Tangents:
    """Project the gradient of u · embedding, u a random direction, at every prepared sample.

    One direction stands for all: E (u · J)(u · J)' is the trace of J J'. Weights at or below `boundary` are left out,
    which saves the backward pass through them. The projection flips signs at random and folds to `width` columns; its
    inner products are right on average, with a deviation of about |a||b| / √width.

    The network is in eval mode and stays as it is; samples pass one at a time. Raises `DataError` for no samples or an
    unknown boundary.
    """
    if not len(prepared):
        raise DataError("no samples to take gradients at; give at least one")
    module = copy.deepcopy(backbone.module).eval()
    parameters = parameters_by_layer(module, backbone.paths)
    moving = _above(parameters, boundary, backbone.layers)
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    weights = [parameter.requires_grad_(True) for block in moving.values() for parameter in block]
    signs = _signs(moving, seed)
    embeddings, rows = [], {name: np.empty((len(prepared), width), np.float32) for name in moving}
    direction: Tensor | None = None
    for row, sample in enumerate(tqdm(prepared, "gradients", disable=not progress, leave=False)):
        embedding = _embedding(backbone, module, backbone.collate([sample]))
        if direction is None:
            direction = _direction(embedding.shape[1], seed)
        embeddings.append(embedding.detach().numpy()[0])
        if not weights:
            continue
        found = iter(_gradients((embedding[0] * direction).sum(), weights))
        for name, block in moving.items():
            flat = torch.cat([next(found) for _ in block])
            rows[name][row] = _folded(flat, signs[name], width).numpy()
    return Tangents(np.stack(embeddings), rows)


def parameters_by_layer(module: nn.Module, paths: Mapping[str, str]) -> dict[str, list[nn.Parameter]]:
    """Which weights run up to each layer from the one before it; layers without any are left out.

    A weight inside a layer's submodule is that layer's; others (a stem, a last convolution) go to the next layer in
    the order in which the network defines them. What comes after the last layer (a classifier) is nobody's.
    """
    inner = {layer: path for layer, path in paths.items() if path}
    last = list(paths)[-1]
    pending: list[nn.Parameter] = []
    found: dict[str, list[nn.Parameter]] = {layer: [] for layer in paths}
    for name, parameter in module.named_parameters():
        owner = next((layer for layer, path in inner.items() if name.startswith(f"{path}.")), None)
        if owner is None:
            pending.append(parameter)
            continue
        found[owner] += [*pending, parameter]
        pending = []
    if not paths[last]:  # the last layer is the whole network: it also owns what follows the one before it
        found[last] += pending
    return {layer: block for layer, block in found.items() if block}


def unit_power(X: Matrix) -> Matrix:
    """X times the number that makes its centred rows (n, d) of mean squared length 1; zeros where all rows are equal.

    >>> unit_power(np.array([[1.0], [3.0]]))
    array([[1.],
           [3.]])
    """
    X = np.asarray(X, dtype=np.float64)
    power = float(((X - X.mean(axis=0)) ** 2).sum(axis=1).mean())
    return X / np.sqrt(power) if power > 0 else np.zeros_like(X)


def _above(
    parameters: dict[str, list[nn.Parameter]], boundary: str | None, layers: Sequence[str]
) -> dict[str, list[nn.Parameter]]:
    if boundary is None:
        return parameters
    if boundary not in layers:
        raise DataError(f"no layer '{boundary}'; layers: {', '.join(layers)}")
    allowed = set(list(layers)[list(layers).index(boundary) + 1 :])
    return {layer: block for layer, block in parameters.items() if layer in allowed}


def _embedding(backbone: NetworkBackbone, module: nn.Module, batch: Any) -> Tensor:
    """The last layer of one sample, pooled (1, d), with its graph."""

    def take(output: Any) -> Tensor:
        value, mask = tensor_and_mask(output, batch)
        return pool(value, "mean", mask=mask, channel_axis=backbone.channel_axis)

    last = backbone.layers[-1]
    with torch.enable_grad():
        return capture(module, {last: backbone.paths[last]}, batch, take=take)[last]


def _gradients(value: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    """One flat gradient per weight; zeros for weights that the embedding does not depend on."""
    found = torch.autograd.grad(value, weights, allow_unused=True)
    return [
        torch.zeros(weight.numel()) if gradient is None else gradient.reshape(-1)
        for gradient, weight in zip(found, weights, strict=True)
    ]


def _direction(width: int, seed: int) -> Tensor:
    return torch.randn(width, generator=torch.Generator().manual_seed(seed)) / width**0.5


def _signs(moving: Mapping[str, Sequence[nn.Parameter]], seed: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed + 1)
    sizes = {name: sum(parameter.numel() for parameter in block) for name, block in moving.items()}
    return {
        name: torch.randint(0, 2, (size,), generator=generator, dtype=torch.int8).mul_(2).sub_(1)
        for name, size in sizes.items()
    }


def _folded(gradient: Tensor, signs: Tensor, width: int) -> Tensor:
    """A block's gradient with random signs, summed over entries whose places agree modulo `width`."""
    flat = gradient * signs
    whole = len(flat) // width * width
    folded = flat[:whole].reshape(-1, width).sum(dim=0)
    folded[: len(flat) - whole] += flat[whole:]
    return folded
