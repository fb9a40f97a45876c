"""A convolution takes over the BatchNorm behind it: one pass over memory less for each (Jacob et al., CVPR 2018)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def fold(network: nn.Module, example: Tensor, *, keep: Sequence[str] = ()) -> nn.Module:
    """A copy of `network` in eval mode whose BatchNorms live inside the convolutions before them.

    Who follows whom is seen in one pass over `example`. Submodules keep their paths; the outputs of those at `keep`
    stay what they were, so a convolution named there is left alone. The caller compares outputs: a network that reads
    a convolution's output a second time, past the BatchNorm, is not seen here.
    """
    with torch.inference_mode(False), torch.no_grad():  # whatever the caller is in: version counters are needed
        network = copy.deepcopy(network).eval()
        for conv_path, norm_path in _pairs(network, example.clone()):
            if conv_path not in keep:
                conv, norm = network.get_submodule(conv_path), network.get_submodule(norm_path)
                assert isinstance(conv, nn.Conv2d) and isinstance(norm, _BatchNorm)
                _absorb(conv, norm)
                _replace(network, norm_path, _rest_of(norm))
        return network


def _pairs(network: nn.Module, example: Tensor) -> list[tuple[str, str]]:
    """(convolution, BatchNorm) where the first's output is the second's input and each runs once."""
    produced: dict[int, tuple[str, Tensor, int]] = {}  # holds the outputs, so that no two share an id
    runs: dict[str, int] = {}
    pairs: list[tuple[str, str]] = []
    handles = []

    def watch(path: str) -> None:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            runs[path] = runs.get(path, 0) + 1
            if isinstance(module, nn.Conv2d):
                produced[id(output)] = (path, output, output._version)
            elif id(inputs[0]) in produced:
                conv, tensor, version = produced[id(inputs[0])]
                if tensor._version == version:  # nothing was written over it on the way
                    pairs.append((conv, path))

        handles.append(network.get_submodule(path).register_forward_hook(hook))

    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d) or (isinstance(module, _BatchNorm) and module.running_mean is not None):
            watch(path)
    try:
        network(example)
    finally:
        for handle in handles:
            handle.remove()
    readers = [conv for conv, _ in pairs]
    return [(c, n) for c, n in pairs if runs[c] == runs[n] == 1 and readers.count(c) == 1]


def _absorb(conv: nn.Conv2d, norm: _BatchNorm) -> None:
    """w ← w·s, b ← (b − mean)·s + shift with s = scale / sqrt(var + eps), in double precision."""
    assert norm.running_mean is not None and norm.running_var is not None
    mean, var = norm.running_mean.double(), norm.running_var.double()
    scale = (torch.ones_like(mean) if norm.weight is None else norm.weight.detach().double()) / (var + norm.eps).sqrt()
    shift = torch.zeros_like(mean) if norm.bias is None else norm.bias.detach().double()
    bias = torch.zeros_like(mean) if conv.bias is None else conv.bias.detach().double()
    weight = conv.weight.detach()
    conv.weight = nn.Parameter((weight.double() * scale[:, None, None, None]).to(weight.dtype), requires_grad=False)
    conv.bias = nn.Parameter(((bias - mean) * scale + shift).to(weight.dtype), requires_grad=False)


def _rest_of(norm: _BatchNorm) -> nn.Module:
    """What a BatchNorm layer does besides normalising: timm's also drop and activate."""
    parts = [part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if isinstance(part, nn.Module)]
    return nn.Sequential(*parts) if parts else nn.Identity()


def _replace(network: nn.Module, path: str, module: nn.Module) -> None:
    parent, _, child = path.rpartition(".")
    setattr(network.get_submodule(parent), child, module)
