"""DELTA: inner layers go on seeing what they saw at the start (Li, Xiong et al., ICLR 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from headstart.training.batches import Batch
from headstart.training.terms.term import Term


class Delta(Term):
    """½ · mean over rows of Σ_layers Σ_j W_j |FM_j(now) - FM_j(start)|² / (places of a map).

    FM_j is the j-th map of a layer: (n, C, height, width) has C of height · width places; (n, tokens, C) has C maps
    over tokens; (n, C) has C single numbers. The paper sums over places and rows; means keep the term's weight from
    depending on the size of pictures and batches. `start` runs once more on each batch, in eval mode.

    start      the network as it was; take a copy before training
    layers     paths of the layers to hold, the same in both networks
    attention  layer → W, C numbers; None counts every map 1 (DELTA without attention)
    """

    def __init__(
        self, start: nn.Module, layers: Sequence[str], *, attention: Mapping[str, Tensor] | None = None
    ) -> None:
        if not layers:
            raise ValueError("name at least one layer whose maps are to be held")
        self.start, self.layers, self.attention = start, tuple(layers), dict(attention or {})

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        with torch.no_grad():
            self.start.eval()
            held = {layer: maps(batch.at(self.start, layer)) for layer in self.layers}
        return (
            0.5 * torch.stack([self._moved(layer, maps(batch.at(model, layer)), held[layer]) for layer in held]).sum()
        )

    def _moved(self, layer: str, now: Tensor, start: Tensor) -> Tensor:
        distance = (now - start).square().mean(dim=2)  # (n, C)
        weights = self.attention.get(layer)
        return (distance if weights is None else distance * weights.to(distance)).sum(dim=1).mean()


def maps(output: Tensor) -> Tensor:
    """(n, C, places) of a layer's output."""
    if output.ndim == 3:
        return output.transpose(1, 2)  # tokens are places
    return output.flatten(2) if output.ndim > 2 else output[:, :, None]


def channel_attention(
    network: nn.Module, layers: Sequence[str], batches: Iterable[Batch], objective: Term
) -> dict[str, Tensor]:
    """W of each layer: C · softmax over its maps of how much the objective rises when the map is wiped out.

    The softmax is scaled by C, so that the maps of a layer count 1 on average, as without attention.

    network  the source network with a head that knows the target's classes; one pass per map: layers × C passes
    """
    network.eval()
    looks = list(batches)
    found = {}
    for layer in layers:
        with torch.no_grad():
            width = maps(looks[0].at(network, layer)).shape[1]
            losses = torch.stack([_loss_without(network, layer, map_, looks, objective) for map_ in range(width)])
        found[layer] = width * torch.softmax(losses, dim=0)
    return found


def _loss_without(network: nn.Module, layer: str, map_: int, looks: Sequence[Batch], objective: Term) -> Tensor:
    def wipe(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        wiped = output.clone()
        maps(wiped)[:, map_] = 0
        return wiped

    hook = network.get_submodule(layer).register_forward_hook(wipe)
    try:
        losses = [objective(Batch(batch.inputs, batch.columns), network) for batch in looks]
        return torch.stack(losses).mean()
    finally:
        hook.remove()
