"""The outputs of several inner layers from one forward pass, which stops after the last of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import nn

Taken = TypeVar("Taken")


class _Enough(BaseException):
    """Every layer asked for has been heard. Not an `Exception`, so that no network swallows it."""


def capture(
    network: nn.Module, paths: Mapping[str, str], batch: Any, *, take: Callable[[Any], Taken]
) -> dict[str, Taken]:
    """Run `network` on `batch` and return what `take` made of the outputs of the submodules at `paths`, by layer name.

    `take` is called at once and must not hand on the output itself: a later layer may write into it. `paths` runs
    from input to output and every submodule in it runs once per pass; "" is the whole network. Threads may capture
    from one network at the same time: each hears only its own pass.
    """
    heard: dict[str, Taken] = {}
    last = list(paths)[-1]
    listener: int | None = threading.get_ident()

    def hear(layer: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if threading.get_ident() == listener:
                heard[layer] = take(output)
                if layer == last and paths[layer]:
                    raise _Enough

        return hook

    handles = [network.get_submodule(path).register_forward_hook(hear(layer)) for layer, path in paths.items()]
    try:
        network(batch)
    except _Enough:
        pass
    finally:
        listener = None  # a copy of the network made meanwhile holds these hooks too: they are deaf from here on
        for handle in handles:
            handle.remove()
    return heard
