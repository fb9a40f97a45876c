"""Memory for time: inner activations are forgotten and computed again in the backward pass (Chen et al., 2016)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from headstart.errors import UnknownName
from headstart.training.norms import batch_norms_of


@contextmanager
def recomputed(model: nn.Module, layers: Sequence[str]) -> Iterator[None]:
    """Inside, the submodules at these paths keep only their inputs: `with recomputed(model, ["layer3"]): ...train...`

    Gradients, running statistics and random numbers are those of a run without it; a step takes about one more forward
    pass of those layers. Blocks of equal size save most.

    Raises `UnknownName` for a path of no submodule.
    """
    known = dict(model.named_modules())
    for path in layers:
        if path not in known:
            raise UnknownName("layer", path, known.keys() - {""})
    blocks = [known[path] for path in layers]
    for block in blocks:
        block.forward = partial(_checkpointed, block, block.forward)
    try:
        yield
    finally:
        for block in blocks:
            del block.forward


def _checkpointed(block: nn.Module, forward: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
    if not (block.training and torch.is_grad_enabled()):
        return forward(*inputs, **named)
    return checkpoint(forward, *inputs, use_reentrant=False, context_fn=partial(_passes, block), **named)


def _passes(block: nn.Module) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """What the first pass and the second one run in: the second must not count the batch into statistics once more."""
    return nullcontext(), _without_collecting(block)


@contextmanager
def _without_collecting(block: nn.Module) -> Iterator[None]:
    with ExitStack() as held:
        for norm in batch_norms_of(block).values():
            held.enter_context(_still(norm))
        yield


@contextmanager
def _still(norm: Any) -> Iterator[None]:
    momentum, counter = norm.momentum, norm.num_batches_tracked
    norm.momentum = 0.0  # new statistics weigh nothing
    count = None if counter is None else counter.clone()
    try:
        yield
    finally:
        norm.momentum = momentum
        if count is not None:
            counter.copy_(count)
