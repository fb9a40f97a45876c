"""What makes a CPU forward pass faster and leaves features equal: memory layout, folded BatchNorm, few threads."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.capture import capture
from headstart.backbones.folding import fold
from headstart.backbones.pooling import tensor_and_mask

log = logging.getLogger(__name__)

EQUAL_COSINE = 0.9999
_BF16_PRODUCT = """
import torch
x = torch.ones(64, 64, dtype=torch.bfloat16)
assert torch.nn.functional.linear(x, x).float().eq(64).all()
"""
_WHOLE = ""


def faster(network: nn.Module, example: Tensor | None, paths: Sequence[str]) -> nn.Module:
    """A copy of `network` that computes the same layers (at `paths`) faster; `network` itself where none is equal.

    Convolutions take over the scale and shift of the BatchNorm behind them, and weights are kept channels last.
    Equality is measured on `example`: cosine of every row of every layer at least .9999.
    """
    if example is None or not any(isinstance(module, nn.Conv2d) for module in network.modules()):
        return network
    quick = fold(network, example, keep=paths).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    worst = lowest_cosine(network, quick, example, paths)
    if worst >= EQUAL_COSINE:
        return quick
    log.info("folding BatchNorm would change features (cosine %.6f); the network runs as it is", worst)
    return network


def lowest_cosine(first: nn.Module, second: nn.Module, batch: Any, paths: Sequence[str]) -> float:
    """The lowest cosine between what two networks give for a sample at any of `paths`; 0 where one is not finite."""
    names = {path: path for path in paths} or {_WHOLE: _WHOLE}
    with torch.inference_mode():
        one, two = (capture(network, names, batch, take=_flat_rows) for network in (first, second))
    lowest = min(_row_cosine(one[path], two[path]) for path in names)
    return lowest if lowest == lowest else 0.0


def _flat_rows(output: Any) -> Tensor:
    """A copy, one row per sample."""
    return tensor_and_mask(output, None)[0].flatten(1).double()


def _row_cosine(a: Tensor, b: Tensor) -> float:
    same = (a == b).all(dim=1)  # rows of zeros have no direction
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=1)
    return float(torch.where(same, torch.ones_like(cosine), cosine).min())


@contextmanager
def torch_threads(count: int | None) -> Iterator[None]:
    """Inside, torch computes with `count` threads (None: as it was); afterwards as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def bf16_works(*, timeout: float = 60.0) -> bool:
    """Whether a bfloat16 product survives on this CPU, found out in a process of its own.

    Some CPUs announce AMX and then kill the process that uses it (SIGILL): feature flags cannot be believed.
    """
    return survives(_BF16_PRODUCT, timeout=timeout)


def survives(code: str, *, timeout: float = 60.0) -> bool:
    """Whether a Python process that runs `code` ends well, and in time."""
    try:
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0
