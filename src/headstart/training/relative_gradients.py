"""Rates from where the data pull: layers with large gradients for their size learn faster (Auto-RGN; Lee et al.,
ICLR 2023)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import nn

from headstart.training.batches import Batch
from headstart.training.chance import chance
from headstart.training.rates import check_prefixes, stands_under
from headstart.training.terms.term import Term

LEAST = 1e-6


def relative_gradient_rates(
    model: nn.Module,
    batches: Callable[[int], Batch],
    *,
    objective: Term,
    layers: Sequence[str],
    looks: int = 8,
    seed: int = 0,
) -> dict[str, float]:
    """Scale per layer: |g_l| / |θ_l| of its mean gradient norm over `looks` batches, divided by the largest of all.

    The paper measures again in every epoch; this measures once, before training, on a copy of `model`. A layer of
    zeros (a new head) has no size to compare with: it learns at scale 1 and is no part of the comparison.

    layers  prefixes of parameter names; what stands under none of them keeps scale 1
    """
    check_prefixes(model, layers)
    twin = copy.deepcopy(model).train()
    moving = {name: parameter for name, parameter in twin.named_parameters() if parameter.requires_grad}
    groups = {layer: [p for name, p in moving.items() if stands_under(name, layer)] for layer in layers}
    pulls = dict.fromkeys(layers, 0.0)
    for look in range(looks):
        with chance(seed, look):
            twin.zero_grad(set_to_none=True)
            objective(batches(look).to(next(twin.parameters()).device), twin).backward()
        for layer, parameters in groups.items():
            pulls[layer] += _norm([p.grad for p in parameters if p.grad is not None]) / looks
    sizes = {layer: _norm([p.detach() for p in parameters]) for layer, parameters in groups.items()}
    relative = {layer: pulls[layer] / sizes[layer] for layer in layers if sizes[layer]}
    most = max(relative.values(), default=0.0) or 1.0
    return {layer: max(relative[layer] / most, LEAST) if layer in relative else 1.0 for layer in layers}


def _norm(tensors: Sequence[torch.Tensor]) -> float:
    return float(torch.stack([tensor.double().square().sum() for tensor in tensors]).sum().sqrt()) if tensors else 0.0
