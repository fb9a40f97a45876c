"""The digest by which a backbone's features are known: its weights and all else that shapes what it computes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


def fingerprint(state: Mapping[str, Tensor], facts: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over every tensor's name, type, shape and bytes, and the canonical JSON of `facts`.

    Where a tensor lives and how its memory is laid out do not count.
    """
    known = hashlib.sha256(canonical(facts).encode())
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        known.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        known.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return known.hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: equal values give equal text.

    >>> canonical({"b": (1, 2), "a": None})
    '{"a":null,"b":[1,2]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
