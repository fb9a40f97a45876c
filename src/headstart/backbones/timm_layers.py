"""Where a timm network can be heard and cut: its stages and blocks, found by watching one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


def timm_layers(module: nn.Module, example: Tensor) -> tuple[dict[str, str], int]:
    """Layer name → submodule path in the order in which they run, and the channel axis of its maps.

    A layer is called by its path in the network ("blocks.3", "layer2"); `pool`, the last one, is the pooled embedding.
    Only submodules that run once and give one tensor count.
    """
    shapes = _watched(module, example, list(dict.fromkeys(_candidates(module))))
    layers = {path: path for path in shapes}
    return {**layers, "pool": ""}, _channel_axis(module, shapes)


def _candidates(module: nn.Module) -> Iterator[str]:
    stages = [info["module"] for info in _feature_info(module)]
    paths = {path for path, _ in module.named_modules()}
    yield from (path for path in stages if path in paths)
    for name, child in module.named_children():
        if name not in stages and isinstance(child, nn.Sequential | nn.ModuleList):
            inner = [key for key, part in child.named_children() if any(True for _ in part.children())]
            yield from (f"{name}.{key}" for key in inner)


def _watched(module: nn.Module, example: Tensor, paths: list[str]) -> dict[str, tuple[int, ...]]:
    """Shapes of the outputs of those `paths` that run once and give one tensor, in the order they run."""
    shapes: dict[str, list[tuple[int, ...]]] = {}

    def watch(path: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            usable = isinstance(output, Tensor) and output.ndim in (2, 3, 4) and len(output) == len(example)
            shapes.setdefault(path, []).append(tuple(output.shape) if usable else ())

        return module.get_submodule(path).register_forward_hook(hook)

    handles = [watch(path) for path in paths]
    try:
        with torch.inference_mode():
            module.eval()(example)
    finally:
        for handle in handles:
            handle.remove()
    return {path: seen[0] for path, seen in shapes.items() if len(seen) == 1 and seen[0]}


def _channel_axis(module: nn.Module, shapes: dict[str, tuple[int, ...]]) -> int:
    if getattr(module, "output_fmt", "") == "NHWC":
        return 3
    known = [(shapes[info["module"]], info["num_chs"]) for info in _feature_info(module) if info["module"] in shapes]
    maps = [(shape, width) for shape, width in known if len(shape) == 4]
    return 3 if maps and all(shape[3] == width != shape[1] for shape, width in maps) else 1


def _feature_info(module: nn.Module) -> list[dict[str, Any]]:
    """timm's own list of stages; some networks have none, some keep it in an object."""
    info = getattr(module, "feature_info", None) or []
    return [entry for entry in info if isinstance(entry, dict) and "module" in entry and "num_chs" in entry]
