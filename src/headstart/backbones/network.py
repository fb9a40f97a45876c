"""Any network as a backbone: frozen, with its own preprocessing, heard at several layers in one forward pass."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

import torch
from torch import Tensor, nn

from headstart.backbones.backbone import Pooling
from headstart.backbones.capture import capture
from headstart.backbones.cutting import cut
from headstart.backbones.description import Described
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.pooling import pool, tensor_and_mask
from headstart.backbones.speed import faster
from headstart.backbones.watch import Watch
from headstart.data.samples import Item
from headstart.errors import BackboneError
from headstart.problem import Modality

_ONE_AT_A_TIME = threading.Lock()  # the faster form is made once, however many threads ask first


class Preparation(Protocol):
    """From a sample to the network's input. `describe` is JSON and part of the backbone's fingerprint."""

    def prepare(self, item: Item) -> Any:
        """Decode and preprocess one item; thread-safe. Raises `DataError` with the reason."""
        ...

    def cost(self, prepared: Any) -> int:
        """Relative work: tokens of a text, 1 for a picture."""
        ...

    def collate(self, prepared: Sequence[Any]) -> Any:
        """One batch: a tensor, or a dict of tensors."""
        ...

    def describe(self) -> dict[str, Any]:
        """Everything that shapes the network's input, as JSON."""
        ...

    def example(self) -> Any | None:
        """A small batch of noise to compare faster forms of the network on; None where there is none."""
        ...


class NetworkBackbone(Described):
    """`module` with named `layers`, kept in eval mode whatever anybody calls.

    layers        name → path of the submodule whose output it is, from input to output; "" is the whole network's
    preparation   what turns samples into batches
    architecture  (name, options) that open the same network without these weights
    facts         JSON that shapes the output and shows neither in weights nor preprocessing (padding, epsilons)
    classifier    the layer from the last embedding to the source task's logits, where one was kept
    channel_axis  of four-dimensional maps: 1, or 3

    Threads may embed at the same time. Weights must not change once wrapped (the fingerprint names them): `embed`
    raises `BackboneError` when they do.
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        name: str,
        modality: Modality,
        license: str,
        layers: Mapping[str, str],
        preparation: Preparation,
        options: Mapping[str, Any] | None = None,
        architecture: tuple[str, Mapping[str, Any]] | None = None,
        reopens: bool = False,
        facts: Mapping[str, Any] | None = None,
        classifier: nn.Module | None = None,
        channel_axis: int = 1,
    ) -> None:
        self.name = name
        self.modality = modality
        self.license = license
        self.paths = dict(layers)
        self.layers = tuple(layers)
        self.preparation = preparation
        self.options = dict(options or {})
        skeleton, skeleton_options = architecture or (name, self.options)
        self.architecture = (skeleton, dict(skeleton_options))
        self.reopens = reopens
        self.facts = dict(facts or {})
        self.classifier = classifier
        self.channel_axis = channel_axis
        self._adopt(module)

    def _adopt(self, module: nn.Module) -> None:
        self.module = module.eval()
        self._running: nn.Module | None = None
        self._watches = [Watch(module)]
        facts = {"facts": self.facts, "layers": self.paths, "preparation": self.preparation.describe()}
        self.fingerprint = fingerprint(module.state_dict(), facts)

    def prepare(self, item: Item) -> Any:
        """One item as the network wants it. Raises `DataError` with the reason."""
        return self.preparation.prepare(item)

    def cost(self, prepared: Any) -> int:
        """Relative work of a prepared item."""
        return self.preparation.cost(prepared)

    def collate(self, prepared: Sequence[Any]) -> Any:
        """One batch from prepared items."""
        return self.preparation.collate(prepared)

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """(n, d) float32 per layer, on the CPU; one forward pass that ends at the last layer asked for.

        Raises `BackboneError` for an unknown layer, and when weights or buffers moved since this was opened.
        """
        asked = self._asked(layers, pooling)
        if not asked:
            return {}
        network = self._ready()
        placed = _placed(batch, network)

        def take(output: Any) -> Tensor:
            value, mask = tensor_and_mask(output, placed)
            return pool(value, pooling, mask=mask, channel_axis=self.channel_axis).cpu().clone()

        with torch.inference_mode():
            heard = capture(network, {layer: self.paths[layer] for layer in asked}, placed, take=take)
        self.check_unmoved()
        # cloned outside inference mode: ordinary tensors, which autograd accepts as inputs
        return {layer: heard[layer].clone() for layer in asked}

    def cut(self, layer: str) -> tuple[nn.Module, nn.Module]:
        """Below and above `layer`, copies in eval mode: `above(below(batch))` equals `module(batch)`.

        Raises `BackboneError` for an unknown layer or where the network cannot be cut there.
        """
        self._check_layer(layer)
        return cut(self.module, self.paths[layer])

    def source_proba(self, embedding: Tensor) -> Tensor | None:
        """Probabilities of the classes it was trained on, from rows of its last layer; None where no head was kept."""
        if self.classifier is None:
            return None
        with torch.inference_mode():
            logits = self.classifier.eval()(embedding.float())
        return torch.softmax(logits, dim=1).clone()

    def state(self) -> dict[str, Tensor]:
        """The weights and buffers, as contiguous copies on the CPU (as safetensors wants them)."""
        return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in self.module.state_dict().items()}

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """The same network with these weights. Raises `BackboneError` when they belong to another architecture."""
        module = copy.deepcopy(self.module)
        try:
            module.load_state_dict(state, strict=True)
        except RuntimeError as cause:
            raise BackboneError(f"these weights do not fit '{self.name}': {_first_lines(str(cause))}") from cause
        twin = self.with_module(module, reopens=False)
        twin.classifier = None  # it belonged to the weights that were replaced
        return twin

    def with_module(self, module: nn.Module, *, reopens: bool) -> Self:
        """The same backbone around another module of the same make."""
        twin = copy.copy(self)
        twin.reopens = reopens
        twin._adopt(module)
        return twin

    def on(self, device: str | torch.device) -> Self:
        """A copy that computes on `device`; embeddings still come back to the CPU."""
        return self.with_module(copy.deepcopy(self.module).to(device), reopens=self.reopens)

    def check_unmoved(self) -> None:
        """Raise `BackboneError` when a weight or buffer was written to since this backbone was made."""
        moved = [name for watch in self._watches for name in watch.moved()]
        if moved:
            raise BackboneError(
                f"backbone '{self.name}' is no longer what its fingerprint says: {moved[0]} changed "
                f"({len(moved)} tensors in all); train a copy, then wrap the trained network again"
            )

    def _ready(self) -> nn.Module:
        """The form that runs: in eval mode, on a CPU with folded BatchNorm where that gives the same features."""
        self.module.eval()
        with _ONE_AT_A_TIME:
            if self._running is None:
                running = faster(self.module, self.preparation.example(), list(self.paths.values()))
                if running is not self.module:
                    self._watches = [*self._watches, Watch(running)]
                self._running = running
        return self._running.eval()


def _placed(batch: Any, network: nn.Module) -> Any:
    """The batch where the network's weights are, pictures with channels last in memory."""
    first = next(network.parameters(), None)
    device = torch.device("cpu") if first is None else first.device
    if isinstance(batch, Mapping):
        return {name: tensor.to(device) for name, tensor in batch.items()}
    if batch.ndim == 4:
        return batch.to(device, memory_format=torch.channels_last)
    return batch.to(device)


def _first_lines(message: str, most: int = 4) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(line if len(line) < 200 else line[:200] + "…" for line in lines[:most])
