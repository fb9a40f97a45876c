"""Notices when weights or statistics that should stand still have moved (BatchNorm's are the usual culprits)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Watch:
    """Remembers a network's parameters by torch's version counters, its persistent buffers by value.

    Buffers are few and small, and counters would miss them: under `inference_mode` BatchNorm's kernel writes its
    running statistics without counting.
    """

    def __init__(self, network: nn.Module) -> None:
        saved = set(network.state_dict(keep_vars=True))
        self._weights, self._buffers = [], []
        for path, module in network.named_modules():
            prefix = f"{path}." if path else ""
            for key, weight in module._parameters.items():
                if weight is not None:
                    self._weights.append((prefix + key, module._parameters, key, weight, _version(weight)))
            for key, buffer in module._buffers.items():
                if buffer is not None and prefix + key in saved:
                    self._buffers.append((prefix + key, module._buffers, key, buffer.clone()))

    def moved(self) -> list[str]:
        """Names of the parameters that were written to or replaced, and of the buffers that hold other values."""
        written = [
            name
            for name, owner, key, weight, version in self._weights
            if owner.get(key) is not weight or _version(weight) != version
        ]
        return written + [name for name, owner, key, value in self._buffers if not _same(owner.get(key), value)]


def _same(now: Tensor | None, value: Tensor) -> bool:
    if now is None or now.shape != value.shape or now.device != value.device:
        return False
    return torch.equal(now, value) or bool(((now == value) | (now.isnan() & value.isnan())).all())


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version
