"""Frozen, provably: eval mode whatever `train()` is called, no gradients, every bit the same after as before.

"Frozen" BatchNorm that went on learning is the field's most reported bug: setting `requires_grad` leaves running
statistics moving, and one call of `train()` on a parent undoes `eval()` on the part.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MethodType, TracebackType
from typing import Any, Self

from torch import nn

from headstart.backbones.fingerprint import fingerprint
from headstart.errors import TrainingError
from headstart.training.sharding import own


def state_digest(module: nn.Module) -> str:
    """SHA-256 over all parameters and buffers (also those that are not saved); of sharded ones, over what is here."""
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return fingerprint({name: own(tensor) for name, tensor in tensors.items()}, {})


class Still:
    """Holds modules in eval mode while it stands, whatever `train()` is called; their weights may go on moving.

    For BatchNorm whose statistics must not move, and for dropout in layers that do not.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.modules = list(modules)

    def __enter__(self) -> Self:
        self._modes = {part: part.training for part in self.modules}
        self._hooks = [part.register_forward_pre_hook(_still) for part in self._modes]
        for part in self._modes:
            part.train = MethodType(_refuse_training, part)  # type: ignore[method-assign]
            part.training = False
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()
        for part, mode in self._modes.items():
            del part.train
            part.training = mode


class Frozen:
    """Holds a module still while it stands: `with Frozen(network.backbone): ...train the rest...`

    Gradients still flow *through* the module to what lies below it. On leaving, weights and buffers are compared with
    what they were: equal, or `TrainingError`; then the module is as movable as it was before.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def __enter__(self) -> Self:
        self._before = state_digest(self.module)
        self._moving = [parameter for parameter in self.module.parameters() if parameter.requires_grad]
        for parameter in self._moving:
            parameter.requires_grad_(False)
        self._still = Still(self.module.modules())
        self._still.__enter__()
        return self

    def check(self) -> None:
        """Raise `TrainingError` if a weight or buffer is not, bit by bit, what it was when the module was frozen."""
        after = state_digest(self.module)
        if after != self._before:
            raise TrainingError(
                f"the frozen {type(self.module).__name__} has changed while others trained "
                f"(digest {self._before[:12]} before, {after[:12]} after); something wrote into its weights or buffers"
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._still.__exit__()
        for parameter in self._moving:
            parameter.requires_grad_(True)
        if error is None:
            self.check()


def _refuse_training(part: nn.Module, mode: bool = True) -> nn.Module:
    """What `train()` does on a frozen part: nothing."""
    return part


def _still(part: nn.Module, inputs: Any) -> None:
    part.training = False  # even where somebody set the flag by hand
