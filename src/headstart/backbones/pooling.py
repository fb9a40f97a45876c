"""From maps and token sequences to one row per sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from headstart.backbones.backbone import Pooling
from headstart.errors import BackboneError


def pool(value: Tensor, how: Pooling, *, mask: Tensor | None = None, channel_axis: int = 1) -> Tensor:
    """(n, d) from (n, d), tokens (n, t, d) or maps (n, d, h, w); "none" keeps the positions. Always float32.

    mask          (n, t), 1 where a token is real: padding counts neither for the mean nor for the maximum, and is
                  set to zero where positions are kept, so that a text's row never depends on its neighbours' length
    channel_axis  of four-dimensional maps: 1, or 3 for networks that keep channels last
    """
    value = value.float()
    if value.ndim == 2:
        return value
    if value.ndim == 3:
        return _pool_tokens(value, how, mask)
    if value.ndim != 4:
        raise BackboneError(f"cannot pool a layer of shape {tuple(value.shape)}; name another layer")
    if how == "none":
        return value
    axes = (2, 3) if channel_axis == 1 else (1, 2)
    return value.mean(axes) if how == "mean" else value.amax(axes)


def tensor_and_mask(value: Any, batch: Any) -> tuple[Tensor, Tensor | None]:
    """A layer's output as a tensor, with the token mask that goes with it (from the output or from the batch)."""
    if isinstance(value, Mapping):
        return value["hidden"], value["mask"]
    if isinstance(value, tuple | list):
        value = value[0]
    if not isinstance(value, Tensor):
        raise BackboneError(f"a layer gave a {type(value).__name__} instead of a tensor; name another layer")
    return value, batch.get("attention_mask") if isinstance(batch, Mapping) else None


def _pool_tokens(value: Tensor, how: Pooling, mask: Tensor | None) -> Tensor:
    if mask is None:
        return value if how == "none" else value.mean(1) if how == "mean" else value.amax(1)
    real = mask[:, :, None].to(value.dtype)
    if how == "none":
        return value * real
    if how == "mean":
        return (value * real).sum(1) / real.sum(1).clamp(min=1e-9)
    lowest = torch.finfo(value.dtype).min
    return value.masked_fill(real == 0, lowest).amax(1)
