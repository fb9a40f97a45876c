"""From a text to token numbers, cut at the encoder's limit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from headstart.data.samples import Item
from headstart.errors import BackboneError, DataError
from headstart.registry import require


class TextPreparation:
    """A tokenizer (the JSON of the `tokenizers` library) with the longest length it may give.

    max_length  tokens, the special ones included; what is beyond is not read
    prompt      put before every text, as some encoders were trained with
    """

    def __init__(self, tokenizer: str, *, max_length: int, pad: int = 0, prompt: str = "") -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.pad = pad
        self.prompt = prompt
        self._encoder = None
        if tokenizer:
            self._encoder = require("tokenizers", extra="text").Tokenizer.from_str(tokenizer)
            self._encoder.no_padding()
            self._encoder.enable_truncation(max_length)

    def prepare(self, item: Item) -> Tensor:
        """(tokens,) int64. Raises `DataError` for what is no text."""
        if self._encoder is None:
            raise BackboneError("this encoder has no tokenizer yet; give it its state first: with_state(…)")
        return torch.tensor(self._encoder.encode(self.prompt + clean(item)).ids)

    def cost(self, prepared: Tensor) -> int:
        """Tokens."""
        return len(prepared)

    def collate(self, prepared: Sequence[Tensor]) -> dict[str, Tensor]:
        """input_ids and attention_mask, (n, longest) int64; shorter texts are padded on the right."""
        lengths = torch.tensor([len(tokens) for tokens in prepared])
        ids = torch.nn.utils.rnn.pad_sequence(list(prepared), batch_first=True, padding_value=self.pad)
        mask = torch.arange(ids.shape[1])[None] < lengths[:, None]
        return {"input_ids": ids, "attention_mask": mask.long()}

    def describe(self) -> dict[str, Any]:
        digest = hashlib.sha256(self.tokenizer.encode()).hexdigest()
        return {"tokenizer": digest, "max_length": self.max_length, "pad": self.pad, "prompt": self.prompt}

    def example(self) -> None:
        """None: nothing in an encoder of texts is folded."""
        return


def clean(item: Item) -> str:
    """The text itself, lone surrogates replaced. Raises `DataError` for anything but a text."""
    if not isinstance(item, str):
        raise DataError(f"a {type(item).__name__}, not a text")
    return item.encode("utf-8", "replace").decode()
