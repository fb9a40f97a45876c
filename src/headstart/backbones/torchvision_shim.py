"""Lets torchvision's GPU build be imported beside a CPU build of torch, as far as timm needs it.

The wheel on PyPI cannot load its compiled operators then, and its import dies with "operator torchvision::nms does not
exist". Declaring the two operators first makes transforms and timm work; detection and image decoding stay unusable.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType

import torch

from headstart.registry import require

_SIGNATURES = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def import_timm() -> ModuleType:
    """timm, with torchvision made importable where it would not be. Raises `MissingExtra` where it is not installed."""
    make_torchvision_importable()
    return require("timm", extra="vision")


@cache
def make_torchvision_importable() -> torch.library.Library | None:
    """Declare the missing operators, only when the import fails for want of them; None where nothing had to be done.

    The cache keeps the library alive: when it is collected, torch forgets the operators.
    """
    try:
        importlib.import_module("torchvision")
        return None
    except ModuleNotFoundError:
        return None  # not installed: whoever needs it says so
    except (RuntimeError, OSError, ImportError) as cause:
        if "torchvision::nms" not in str(cause):
            return None
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # halves of the failed import
    library = torch.library.Library("torchvision", "DEF")
    for signature in _SIGNATURES:
        library.define(signature)
    return library
