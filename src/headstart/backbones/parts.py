"""The layers of a network above a cut, as a module of its own that knows which weight of the network each of its is."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from headstart.backbones.cutting import halves
from headstart.backbones.network import NetworkBackbone

_PREFIX = "network."  # what tracing puts before the names of what it cut


@dataclass(frozen=True, eq=False)
class Part:
    """`module` takes the output of a layer (or a batch) and gives the output of the network's last layer.

    names  a weight's or buffer's name in `module` → its name in the network
    """

    module: nn.Module
    names: Mapping[str, str]

    def state(self) -> dict[str, Tensor]:
        """Weights and buffers under the network's names, as copies on the CPU."""
        state = self.module.state_dict()
        return {self.names[name]: state[name].detach().cpu().contiguous().clone() for name in self.names}


def part_above(backbone: NetworkBackbone, layer: str | None) -> Part:
    """Everything between `layer` and the last layer's output, a copy; `layer` None starts at the input.

    Raises `BackboneError` for an unknown layer, and where the network cannot be cut there.
    """
    if layer is not None:
        backbone._check_layer(layer)
    whole = copy.deepcopy(backbone.module)
    owners = {id(tensor): name for name, tensor in whole.state_dict(keep_vars=True).items()}
    module = whole
    last = backbone.paths[backbone.layers[-1]]
    if layer is not None and (path := backbone.paths[layer]) != last:
        module = halves(module, path)[1]
    elif layer is not None:
        return Part(nn.Identity(), {})
    if last:
        module = halves(module, _inside(module, last))[0]
    return Part(module, _names(module, owners))


def _inside(module: nn.Module, path: str) -> str:
    """The path of a submodule, in a half that may have been traced."""
    traced = f"{_PREFIX}{path}"
    return traced if traced in dict(module.named_modules()) else path


def _names(module: nn.Module, owners: Mapping[int, str]) -> dict[str, str]:
    """Known by the weight itself; by its name where a network that cuts itself had to copy it."""
    known = set(owners.values())
    found = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        plain = name.removeprefix(_PREFIX)
        owner = owners.get(id(tensor)) or (plain if plain in known else None)
        if owner is not None:
            found[name] = owner
    return found
