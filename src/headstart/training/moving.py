"""What may move: a word or a layer's name, resolved on a network to the weights that train and where they begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from torch import nn

from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.parts import part_above
from headstart.errors import BackboneError, TrainingError, UnknownName
from headstart.training.lora import can_be_adapted

BatchNorm: TypeAlias = Literal["frozen", "statistics", "train"]
BATCH_NORMS: tuple[BatchNorm, ...] = ("frozen", "statistics", "train")
WORDS = ("all", "bias", "first", "head", "last1", "last2", "lora", "norms")

_LAST = re.compile(r"last([1-9]\d*)")


@dataclass(frozen=True)
class Moving:
    """Which of a network's weights train.

    move        the word that named them
    parameters  their names in the network, from input to output; none where the head alone trains
    boundary    the highest layer below which nothing moves and at which the network can be cut; None: nothing is cut
    depths      per name, how many layers with weights lie between it and the head (0: none)
    """

    move: str
    parameters: tuple[str, ...]
    boundary: str | None
    depths: tuple[int, ...]

    def depth(self, parameter: str) -> int:
        """How many layers with weights lie between a moving weight and the head."""
        return self.depths[self.parameters.index(parameter)]

    def __str__(self) -> str:
        what = f"{len(self.parameters)} tensors" if self.parameters else "the head alone"
        return f"{self.move}: {what}, {f'above {self.boundary}' if self.boundary else 'from the input on'}"


@dataclass(frozen=True)
class Segment:
    """The weights between one cut and the next; `below` is the layer it begins above (None: the input)."""

    below: str | None
    parameters: tuple[str, ...]


def moving(backbone: Backbone, move: str, *, batch_norm: BatchNorm = "frozen") -> Moving:
    """Resolve `move` on a network.

    head        nothing but the head
    last1, last2 …  the last layers that hold weight matrices, and all above them
    <a layer>   everything above that layer
    all         every weight
    norms, bias  scales and shifts of normalisation; every bias
    first       the first layer that holds weight matrices ("surgical", Lee et al., ICLR 2023)
    lora        linear layers and 1x1 convolutions, each by a small adapter that is merged into it in the end

    `batch_norm` other than "train" keeps scale and shift of BatchNorm out of what moves, unless "norms" or "bias" ask
    for them. Raises `UnknownName` for a word that is neither of these nor a layer, `TrainingError` where nothing would
    move, `BackboneError` where the network cannot be cut at the layer named.
    """
    if batch_norm not in BATCH_NORMS:
        raise UnknownName("batch_norm", batch_norm, BATCH_NORMS)
    if not isinstance(backbone, NetworkBackbone):
        raise TrainingError(f"backbone '{backbone.name}' has no weights that could move; use it frozen, or a network")
    if move == "head":
        return Moving(move, (), backbone.layers[-1], ())
    parts = segments(backbone)
    chosen = set(_chosen(backbone, move, parts))
    if move not in ("norms", "bias") and batch_norm != "train":
        chosen -= set(_owned(backbone.module, _is_batch_norm))
    order = [(name, depth) for depth, part in _with_depth(parts) for name in part.parameters if name in chosen]
    if not order:
        raise TrainingError(f"move='{move}' moves nothing in '{backbone.name}'; {_offer(backbone)}")
    names = tuple(name for name, _ in order)
    return Moving(move, names, _boundary(parts, chosen), tuple(depth for _, depth in order))


def segments(backbone: NetworkBackbone) -> tuple[Segment, ...]:
    """The weights between the layers at which the network can be cut, from input to output."""
    floors: list[tuple[str | None, list[str]]] = []
    for layer in (None, *backbone.layers):
        try:
            part = part_above(backbone, layer)
        except BackboneError:
            if layer is None:
                raise
            continue  # a skip connection runs past it: it is no place to cut
        moved = dict(part.module.named_parameters())
        floors.append((layer, [part.names[name] for name in moved if name in part.names]))
    uppers = [set(names) for _, names in floors[1:]] + [set()]
    return tuple(
        Segment(layer, tuple(name for name in names if name not in upper))
        for (layer, names), upper in zip(floors, uppers, strict=True)
    )


def _chosen(backbone: NetworkBackbone, move: str, parts: tuple[Segment, ...]) -> Iterable[str]:
    everything = [name for part in parts for name in part.parameters]
    if move == "all":
        return everything
    if move == "bias":
        return [name for name in everything if name.rpartition(".")[2] == "bias"]
    if move == "norms":
        return _owned(backbone.module, _is_norm)
    if move == "lora":
        return [f"{path}.weight" for path, part in backbone.module.named_modules() if path and can_be_adapted(part)]
    with_weights = [at for at, part in enumerate(parts) if _holds_matrices(backbone.module, part)]
    if move == "first":
        return parts[with_weights[0]].parameters if with_weights else ()
    if found := _LAST.fullmatch(move):
        return _from(parts, with_weights[-int(found[1]) :][0] if with_weights else len(parts))
    if move not in backbone.layers:
        raise UnknownName(f"layer or word for what moves in '{backbone.name}'", move, (*backbone.layers, *WORDS))
    part_above(backbone, move)  # raises where it cannot be cut
    return _from(parts, next(at for at, part in enumerate(parts) if part.below == move))


def _from(parts: tuple[Segment, ...], first: int) -> Iterable[str]:
    return [name for part in parts[first:] for name in part.parameters]


def _with_depth(parts: tuple[Segment, ...]) -> list[tuple[int, Segment]]:
    """Every segment with the number of segments with weights above it."""
    above, counted = 0, []
    for part in reversed(parts):
        counted.append((above, part))
        above += bool(part.parameters)
    return counted[::-1]


def _boundary(parts: tuple[Segment, ...], chosen: set[str]) -> str | None:
    first = next(at for at, part in enumerate(parts) if chosen & set(part.parameters))
    return parts[first].below


def _holds_matrices(module: nn.Module, part: Segment) -> bool:
    return any(module.get_parameter(name).ndim > 1 for name in part.parameters)


def _owned(module: nn.Module, kind: Callable[[nn.Module], bool]) -> list[str]:
    """Names of the weights that belong to modules of one kind."""
    return [
        f"{path}.{name}" if path else name
        for path, part in module.named_modules()
        if kind(part)
        for name, _ in part.named_parameters(recurse=False)
    ]


def _is_batch_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.batchnorm._BatchNorm)


def _is_norm(module: nn.Module) -> bool:
    return "Norm" in type(module).__name__ and all(weight.ndim <= 1 for weight in module.parameters(recurse=False))


def _offer(backbone: NetworkBackbone) -> str:
    return f"write head, last2, all, or a layer: {', '.join(backbone.layers[:-1]) or 'it has none below its last'}"
