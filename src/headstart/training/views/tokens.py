"""Texts: some tokens left out (word dropout; Iyyer et al., ACL 2015), the special ones at both ends kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class TokenDropout:
    """(tokens,) int64 → the tokens that stay, in their order; at least one of the inner ones does.

    share        chance of each inner token to be left out
    first, last  special tokens at the ends, which always stay ([CLS] and [SEP] of a BERT-like encoder)
    """

    share: float = 0.1
    first: int = 1
    last: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1 or min(self.first, self.last) < 0:
            raise ValueError(
                f"share lies in [0, 1), first and last from 0 up; got share={self.share}, first={self.first}, "
                f"last={self.last}"
            )

    def __call__(self, sample: Tensor, generator: torch.Generator) -> Tensor:
        inner = len(sample) - self.first - self.last
        if inner <= 1:
            return sample
        chance = torch.rand(inner, generator=generator)
        stays = chance >= self.share
        stays[chance.argmax()] = True  # a text without a word says nothing
        ends = torch.ones(self.first, dtype=torch.bool), torch.ones(self.last, dtype=torch.bool)
        return sample[torch.cat([ends[0], stays, ends[1]])]

    def describe(self) -> dict[str, Any]:
        return {"tokens": asdict(self)}
