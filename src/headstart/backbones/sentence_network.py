"""A transformer encoder and the pooling above it, as one network that can be cut between any two blocks."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn

from headstart.backbones.pooling import pool
from headstart.errors import BackboneError

Pooled: TypeAlias = Literal["mean", "max", "cls"]


class SentenceNetwork(nn.Module):
    """{"input_ids", "attention_mask"}: (n, t) each → (n, d).

    pooled     how tokens become one row: their mean or maximum (padding left out), or the first token
    normalise  whether rows are scaled to length 1
    """

    def __init__(self, encoder: nn.Module, *, pooled: Pooled, normalise: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooled = pooled
        self.normalise = normalise

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        tokens = self.encoder(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        return self.row(tokens.last_hidden_state, batch["attention_mask"])

    def row(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """One row per text from its tokens (n, t, d)."""
        rows = tokens[:, 0] if self.pooled == "cls" else pool(tokens, self.pooled, mask=mask)
        return nn.functional.normalize(rows, dim=1) if self.normalise else rows

    def layers(self) -> dict[str, str]:
        """embeddings, block0 …, pool → submodule paths."""
        blocks = self.blocks_path()
        count = len([*self.get_submodule(blocks).children()])
        return {
            "embeddings": self.embeddings_path(),
            **{f"block{number}": f"{blocks}.{number}" for number in range(count)},
            "pool": "",
        }

    def blocks_path(self) -> str:
        """Where the list of transformer blocks is: the module list with one entry per hidden layer."""
        count = self.encoder.config.num_hidden_layers  # type: ignore[union-attr]
        found = [path for path, part in self.named_modules() if isinstance(part, nn.ModuleList) and len(part) == count]
        if not found:
            raise BackboneError(
                f"a {type(self.encoder).__name__} has no list of {count} blocks; use a BERT-like encoder"
            )
        return min(found, key=lambda path: path.count("."))

    def embeddings_path(self) -> str:
        found = [path for path, _ in self.named_modules() if path.rpartition(".")[2] == "embeddings"]
        if not found:
            raise BackboneError(f"a {type(self.encoder).__name__} has no 'embeddings'; use a BERT-like encoder")
        return min(found, key=lambda path: path.count("."))

    def cut_at(self, path: str) -> tuple[nn.Module, nn.Module]:
        """Below gives {"hidden", "mask"}, above takes it; no weight is in both. `self` is used up: hand in a copy."""
        blocks, embeddings = self.blocks_path(), self.embeddings_path()
        whole, words = [*self.get_submodule(blocks).children()], self.get_submodule(embeddings)
        count = 0 if path == embeddings else int(path.rpartition(".")[2]) + 1
        self.set_submodule(embeddings, _Given())
        self.set_submodule(blocks, nn.ModuleList())
        upper = copy.deepcopy(self)
        upper.set_submodule(blocks, nn.ModuleList(whole[count:]))
        self.set_submodule(embeddings, words)
        self.set_submodule(blocks, nn.ModuleList(whole[:count]))
        return _Below(self), _Above(upper, embeddings)


class _Below(nn.Module):
    """Texts → tokens after some block."""

    def __init__(self, network: SentenceNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        mask = batch["attention_mask"]
        out = self.network.encoder(input_ids=batch["input_ids"], attention_mask=mask)
        return {"hidden": out.last_hidden_state, "mask": mask}


class _Given(nn.Module):
    """Stands where the embeddings stood and hands on what it was given, whatever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: Tensor | None = None

    def forward(self, *_tokens: Any, **_more: Any) -> Tensor:
        assert self.hidden is not None
        return self.hidden


class _Above(nn.Module):
    """Tokens after some block → rows."""

    def __init__(self, network: SentenceNetwork, embeddings: str) -> None:
        super().__init__()
        self.network = network
        self.embeddings = embeddings

    def forward(self, bottleneck: Mapping[str, Tensor]) -> Tensor:
        given, mask = self.network.get_submodule(self.embeddings), bottleneck["mask"]
        assert isinstance(given, _Given)
        given.hidden = bottleneck["hidden"]
        try:
            blank = torch.zeros_like(mask)
            tokens = self.network.encoder(input_ids=blank, attention_mask=mask).last_hidden_state
        finally:
            given.hidden = None
        return self.network.row(tokens, mask)
