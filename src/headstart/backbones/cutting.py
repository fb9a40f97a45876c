"""Cut a network in two at a named layer: input → bottleneck, bottleneck → output."""

from __future__ import annotations

import copy
from typing import Any

import torch.fx
from torch import nn

from headstart.errors import BackboneError


def cut(network: nn.Module, path: str) -> tuple[nn.Module, nn.Module]:
    """Below and above the output of the submodule at `path`: `above(below(x))` equals `network(x)`.

    Both halves are copies, so training one leaves `network` alone. A chain (`nn.Sequential`) is sliced, a network with
    a method `cut_at(path)` cuts itself, any other is traced by torch.fx down to the submodules that hold the cut, never
    inside the layers themselves. Raises `BackboneError` where a value other than the layer's output crosses the cut (a
    skip connection), or where the network cannot be traced.
    """
    return halves(copy.deepcopy(network), path)


def halves(network: nn.Module, path: str) -> tuple[nn.Module, nn.Module]:
    """As `cut`, but made of `network`'s own layers and weights, which it uses up: hand in a copy."""
    if not path:
        return network, nn.Identity()
    if isinstance(network, nn.Sequential) and path in dict(network.named_children()):
        position = list(dict(network.named_children())).index(path)
        return network[: position + 1], network[position + 1 :]
    if hasattr(network, "cut_at"):
        return network.cut_at(path)  # type: ignore[operator]
    return _split(_Whole(network), f"network.{path}")


class _Whole(nn.Module):
    """One input, so that a network's optional arguments keep their defaults when traced."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Any) -> Any:
        return self.network(batch)


class _Tracer(torch.fx.Tracer):
    """Follows only the modules on the way to one submodule."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return not self.path.startswith(f"{module_qualified_name}.")


def _split(whole: nn.Module, path: str) -> tuple[nn.Module, nn.Module]:
    layer = path.removeprefix("network.")
    try:
        graph = _Tracer(path).trace(whole)
    except Exception as cause:  # control flow that depends on values fails in as many ways as there are networks
        raise BackboneError(f"cannot cut at '{layer}': the network cannot be traced ({cause})") from cause
    calls = [node for node in graph.nodes if node.op == "call_module" and node.target == path]
    if len(calls) != 1:
        raise BackboneError(f"cannot cut at '{layer}': it runs {len(calls)} times in one pass; cut at another layer")
    needed = _needed(calls[0])
    crossing = [node for node in needed if node is not calls[0] and _used_later(node, needed)]
    if crossing:
        names = ", ".join(sorted(node.name for node in crossing)[:3])
        raise BackboneError(f"cannot cut at '{layer}': {names} is used on both sides; cut at another layer")
    return _below(whole, graph, calls[0], needed), _above(whole, graph, calls[0], needed)


def _needed(node: torch.fx.Node) -> set[torch.fx.Node]:
    """The node and everything it is computed from."""
    found: set[torch.fx.Node] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(current.all_input_nodes)
    return found


def _used_later(node: torch.fx.Node, needed: set[torch.fx.Node]) -> bool:
    return node.op != "get_attr" and any(user not in needed for user in node.users)


def _below(whole: nn.Module, graph: torch.fx.Graph, node: torch.fx.Node, needed: set[torch.fx.Node]) -> nn.Module:
    half = torch.fx.Graph()
    copied: dict[torch.fx.Node, torch.fx.Node] = {}
    for current in graph.nodes:
        if current in needed:
            copied[current] = half.node_copy(current, lambda old: copied[old])
    half.output(copied[node])
    return torch.fx.GraphModule(whole, half, "Below")


def _above(whole: nn.Module, graph: torch.fx.Graph, node: torch.fx.Node, needed: set[torch.fx.Node]) -> nn.Module:
    half = torch.fx.Graph()
    copied = {node: half.placeholder("bottleneck")}
    for current in graph.nodes:
        if current is not node and (current.op == "get_attr" or current not in needed):
            copied[current] = half.node_copy(current, lambda old: copied[old])
    module = torch.fx.GraphModule(whole, half, "Above")
    module.graph.eliminate_dead_code()
    module.recompile()
    return module
