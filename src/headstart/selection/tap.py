"""Where features are taken from a backbone: one layer, or several side by side, and how positions are pooled."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.backbones.backbone import Pooling


@dataclass(frozen=True)
class Tap:
    """Layers from input to output, and the pooling over their positions.

    >>> print(Tap(("layer3",)), Tap(("layer1", "layer2", "pool")), Tap(("layer3",), "max"))
    layer3 layer1…pool layer3 (max)
    """

    layers: tuple[str, ...]
    pooling: Pooling = "mean"

    def __str__(self) -> str:
        inner = self.layers[-1] if len(self.layers) == 1 else f"{self.layers[0]}…{self.layers[-1]}"
        return inner if self.pooling == "mean" else f"{inner} ({self.pooling})"
