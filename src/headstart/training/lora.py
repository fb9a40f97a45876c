"""LoRA: frozen weights, and a small product of two matrices beside each (Hu et al., ICLR 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from headstart.errors import TrainingError, UnknownName
from headstart.training.chance import generator
from headstart.training.rates import stands_under


class Adapted(nn.Module):
    """base(x) + (alpha / rank) · up(down(x)): a linear layer, or a 1x1 convolution, that stands still, and its adapter.

    `up` begins at zero, so the adapted layer begins as the layer itself. `weight` and `bias` are those of the plain
    layer that computes the same, for code that reads them instead of calling (torch's own attention does).
    """

    def __init__(self, base: nn.Linear | nn.Conv2d, *, rank: int, alpha: float, seed: int) -> None:
        super().__init__()
        outputs, inputs = base.weight.shape[:2]
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        bound = 1 / math.sqrt(inputs)  # as torch begins its own linear layers
        start = torch.rand(rank, inputs, generator=generator(seed)) * 2 * bound - bound
        self.down = nn.Parameter(start.to(base.weight))
        self.up = nn.Parameter(torch.zeros(outputs, rank).to(base.weight))
        self.train(base.training)

    def forward(self, inputs: Tensor) -> Tensor:
        output: Tensor = self.base(inputs)
        if isinstance(self.base, nn.Conv2d):
            low = nn.functional.conv2d(inputs, self.down[:, :, None, None], stride=self.base.stride)
            return output + self.scale * nn.functional.conv2d(low, self.up[:, :, None, None])
        return output + self.scale * nn.functional.linear(nn.functional.linear(inputs, self.down), self.up)

    @property
    def weight(self) -> Tensor:
        """The weight with the adapter in it."""
        return self.base.weight + self.scale * (self.up @ self.down).view_as(self.base.weight)

    @property
    def bias(self) -> Tensor | None:
        """The base's own."""
        return self.base.bias


def add_adapters(
    model: nn.Module, *, rank: int = 8, alpha: float | None = None, under: Sequence[str] = ("",), seed: int = 0
) -> list[str]:
    """Freeze `model` and put adapters beside its linear layers and 1x1 convolutions; the paths where that was done.

    Nothing else may move then; a new head is let go by `model.head.requires_grad_(True)`. Running statistics are no
    weights: hold them with `batch_norms(model, "frozen")`.

    rank   of the product: the adapter has rank · (inputs + outputs) weights
    alpha  the product is scaled by alpha / rank; None: 2 · rank
    under  prefixes of the paths to adapt; all by default

    Raises `UnknownName` for a prefix of no module, `TrainingError` where nothing can be adapted.
    """
    if rank < 1:
        raise ValueError(f"rank must be at least 1, got {rank}")
    paths = {path for path, _ in model.named_modules()}
    for prefix in under:
        if prefix not in paths:
            raise UnknownName("layer", prefix, paths - {""})
    adaptable = [path for path, module in model.named_modules() if path and can_be_adapted(module)]
    chosen = [path for path in adaptable if any(stands_under(path, prefix) for prefix in under)]
    if not chosen:
        raise TrainingError(f"no linear layer and no 1x1 convolution lies under {', '.join(map(repr, under))}")
    model.requires_grad_(False)
    for place, path in enumerate(chosen):
        base = model.get_submodule(path)
        assert isinstance(base, nn.Linear | nn.Conv2d)
        _replace(model, path, Adapted(base, rank=rank, alpha=alpha or 2.0 * rank, seed=seed + place))
    return chosen


def merge_adapters(model: nn.Module) -> nn.Module:
    """Put every adapter into the weights beside it, in place: a plain network that computes the same, to rounding."""
    for path, module in list(model.named_modules()):
        if isinstance(module, Adapted):
            with torch.no_grad():
                module.base.weight.copy_(module.weight)
            module.base.train(module.training).requires_grad_(True)
            _replace(model, path, module.base)
    return model


def can_be_adapted(module: nn.Module) -> bool:
    """Whether it is a linear layer, or a convolution that is one at every place."""
    if isinstance(module, nn.Conv2d):
        return module.kernel_size == (1, 1) and module.groups == 1 and module.padding in ((0, 0), "valid")
    return isinstance(module, nn.Linear)


def _replace(model: nn.Module, path: str, module: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    model.get_submodule(parent)._modules[name] = module
