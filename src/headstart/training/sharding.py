"""Networks too large for one GPU: each process holds a share of every weight (FSDP2; Zhao et al., VLDB 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from torch import Tensor, nn

from headstart.errors import TrainingError
from headstart.training.processes import is_joined

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor

Module = TypeVar("Module", bound=nn.Module)


def sharded(model: Module) -> Module:
    """The same model, its weights dealt out over the processes that have joined: train it like any other.

    Gradients and the optimizer's state are dealt out with them. Every member of a list of layers (`nn.Sequential`,
    `nn.ModuleList`) is gathered for its own pass alone and dropped after it; so is what is left over, as one more.
    Buffers stay whole everywhere. Do this before anything looks at the weights (an anchor, an optimizer).

    Raises `TrainingError` where no other process has joined.
    """
    if not is_joined():
        raise TrainingError("nothing to share the weights with: start the script by torchrun and shard inside joined()")
    from torch.distributed.fsdp import fully_shard  # half a second to import, and few need it

    for layer in reversed(list(_layers(model))):  # inner layers first: each takes what no one inside it has
        fully_shard(layer)
    fully_shard(model)
    return model


def _layers(model: nn.Module) -> Iterator[nn.Module]:
    for module in model.modules():
        if isinstance(module, nn.Sequential | nn.ModuleList):
            yield from (layer for layer in module if any(True for _ in layer.parameters()))


def is_sharded(model: nn.Module) -> bool:
    """Whether this process holds a share only of some of its weights."""
    return any(is_dealt(parameter) for parameter in model.parameters())


def is_dealt(tensor: Tensor) -> TypeGuard[DTensor]:
    """Whether only a share of this tensor is here."""
    return hasattr(tensor, "full_tensor")


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor, whatever share of it is here. Of a shared one every process must ask at the same time."""
    return tensor.full_tensor() if is_dealt(tensor) else tensor


def own(tensor: Tensor) -> Tensor:
    """The share that lies here, without a copy; the tensor itself where it is not shared."""
    return tensor.to_local() if is_dealt(tensor) else tensor


def dealt_like(tensor: Tensor, pattern: Tensor) -> Tensor:
    """A whole tensor, dealt out as `pattern` is. Every process must ask at the same time."""
    if not is_dealt(pattern):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(tensor.to(own(pattern).device), pattern.device_mesh, pattern.placements)


def share_like(share: Tensor, pattern: Tensor) -> Tensor:
    """This process's share of a tensor that is dealt out as `pattern` is; the tensor itself where that is whole."""
    if not is_dealt(pattern):
        return share
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        share.to(own(pattern).device), pattern.device_mesh, pattern.placements, run_check=False, shape=pattern.shape,
        stride=pattern.stride(),
    )  # fmt: skip


def whole_state(model: nn.Module) -> dict[str, Tensor]:
    """The model's weights and buffers, whole, on the CPU: what is saved. Every process must ask at the same time."""
    return {name: whole(tensor.detach()).cpu() for name, tensor in model.state_dict().items()}


def all_dealt_like(state: Mapping[str, Tensor], pattern: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Whole tensors by name, each dealt out as the one of the same name."""
    return {name: dealt_like(tensor, pattern[name]) if name in pattern else tensor for name, tensor in state.items()}
