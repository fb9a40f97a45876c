"""What BatchNorm does while others learn, said out loud: `frozen`, `statistics` or `train`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.errors import TrainingError, UnknownName
from headstart.training.freezing import Frozen
from headstart.training.moving import BATCH_NORMS, BatchNorm


@contextmanager
def batch_norms(model: nn.Module, policy: BatchNorm) -> Iterator[None]:
    """Hold every BatchNorm of `model` to one policy: `with batch_norms(model, "frozen"): ...train...`

    frozen      normalises by the running statistics; neither they nor scale and shift move, which is proved at the end
    statistics  normalises by the batch and goes on collecting statistics; scale and shift stand still, proved as well
    train       all of it learns: right from scratch and with much data; with little, batch statistics of a small target
                wipe out what the source knew

    Raises `UnknownName` for another policy, `TrainingError` at the end when something moved that should not have.
    """
    if policy not in BATCH_NORMS:
        raise UnknownName("batch_norm", policy, BATCH_NORMS)
    norms = batch_norms_of(model)
    with ExitStack() as held:
        for norm in norms.values():
            if policy == "frozen":
                held.enter_context(Frozen(norm))
            elif policy == "statistics":
                held.enter_context(_scale_and_shift_held(norm))
        yield


def batch_norms_of(model: nn.Module) -> dict[str, nn.Module]:
    """Path → module of every BatchNorm, of any dimension."""
    return {path: module for path, module in model.named_modules() if isinstance(module, _BatchNorm)}


@contextmanager
def _scale_and_shift_held(norm: nn.Module) -> Iterator[None]:
    moving = [parameter for parameter in norm.parameters() if parameter.requires_grad]
    before = [parameter.detach().clone() for parameter in moving]
    for parameter in moving:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in moving:
            parameter.requires_grad_(True)
    if not all(parameter.equal(old) for parameter, old in zip(moving, before, strict=True)):
        raise TrainingError("scale or shift of a BatchNorm held to 'statistics' has changed; something wrote into it")
