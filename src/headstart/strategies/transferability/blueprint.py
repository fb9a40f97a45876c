"""One architecture, opened as often as a study needs it: with random weights, cut in two, joined again."""

from __future__ import annotations

import copy
from collections import OrderedDict

import torch
from torch import nn

from headstart.backbones.cutting import cut
from headstart.backbones.fingerprint import canonical
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.backbones.seeding import seeded
from headstart.errors import BackboneError
from headstart.training.chance import seed_of

_NOT_SHAPE = ("seed", "classes")  # options of an architecture that do not change its body


class Blueprint:
    """The architecture of `backbone`, whose own weights are the pretrained ones where it has any.

    A network of the study is body + classifier: `body` maps a collated batch to rows, `classifier` is one linear layer.
    """

    def __init__(self, backbone: NetworkBackbone) -> None:
        self.backbone = backbone
        self.layers = backbone.layers

    @property
    def digest(self) -> str:
        """JSON that names architecture and preprocessing, not weights."""
        name, options = self.backbone.architecture
        shape = {key: value for key, value in options.items() if key not in _NOT_SHAPE}
        return canonical({"name": name, "options": shape, "preparation": self.backbone.preparation.describe()})

    def cuts(self) -> tuple[str, ...]:
        """The layers that differ as cuts: one that adds no weights to the layer before it parts the same networks."""
        network = self.fresh(2, seed=0)
        kept, before = [], 0
        for layer in self.layers:
            below, _ = self.halves(network, layer)
            weights = sum(parameter.numel() for parameter in below.parameters())
            if weights > before:
                kept.append(layer)
            before = weights
        return tuple(kept)

    def fresh(self, n_classes: int, *, seed: int) -> nn.Sequential:
        """A network with weights drawn from `seed`; its body does not depend on the number of classes."""
        name, options = self.backbone.architecture
        if "seed" not in options:
            raise BackboneError(f"'{name}' cannot be opened with random weights, so it has no untrained twin to study")
        twin = open_backbone(name, **{**options, "seed": seed})
        assert isinstance(twin, NetworkBackbone)
        return self.with_classifier(body_of(twin), n_classes, seed=seed)

    def with_classifier(self, body: nn.Module, n_classes: int, *, seed: int) -> nn.Sequential:
        """`body` below a new classifier."""
        with torch.inference_mode():
            width = body.eval()(self.backbone.preparation.example()).shape[1]
        with seeded(seed_of(seed, 1)):
            return nn.Sequential(OrderedDict(body=body, classifier=nn.Linear(width, n_classes)))

    def halves(self, network: nn.Sequential, layer: str) -> tuple[nn.Module, nn.Module]:
        """Copies of what lies up to and including `layer`, and of what lies above it with the classifier.

        Raises `BackboneError` where the network cannot be cut there.
        """
        below, rest = cut(network.get_submodule("body"), self.backbone.paths[layer])
        above = nn.Sequential(OrderedDict(rest=rest, classifier=copy.deepcopy(network.get_submodule("classifier"))))
        return below, above


def body_of(backbone: NetworkBackbone) -> nn.Module:
    """A copy of the network up to its last layer, in ordinary trainable form; a built-in classifier is left out."""
    module = copy.deepcopy(backbone.module)
    if isinstance(module, nn.Sequential) and "classifier" in dict(module.named_children()):
        module = module[:-1]
    return module.requires_grad_(True)
