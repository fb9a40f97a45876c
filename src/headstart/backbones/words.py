"""Texts as the mean of their words' vectors, plain or weighted (SIF: Arora, Liang & Ma, ICLR 2017)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import torch
from torch import Tensor

from headstart.backbones.backbone import Pooling
from headstart.backbones.description import Described
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.text_preparation import clean
from headstart.backbones.word_files import WordVectors, read_word_vectors
from headstart.data.samples import Item
from headstart.errors import BackboneError, DataError
from headstart.problem import Modality

Weighting: TypeAlias = Literal["mean", "sif"]
TOKENS = r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]"  # words with inner apostrophes, and single signs


class WordBackbone(Described):
    """One row per text; a text without any known word becomes a row of zeros.

    A token is looked up as it is written, then in lower case, then in the parts between its apostrophes; what is
    still unknown is left out (`unknown_share` says how much). SIF weighs a word by a / (a + p(word)), where p is its
    share of the training texts' words, then removes the direction that the training texts have most in common; so
    `pooling="sif"` has to learn from texts first: `backbone.fitted(texts)`.
    """

    modality: Modality = "text"
    stored = False

    def __init__(
        self, table: WordVectors, *, name: str, options: dict[str, Any], pooling: Weighting, a: float, license: str
    ) -> None:
        self.name = name
        self.options = options
        self.license = license
        self.pooling = pooling
        self.a = a
        self.architecture = ("words", {"pooling": pooling, "a": a})
        self.learned_from = "texts" if pooling == "sif" else None
        self._weights: Tensor | None = None
        self._common: Tensor | None = None
        self._adopt(table)

    def _adopt(self, table: WordVectors) -> None:
        self._words = table.words
        self._row = {word: row for row, word in enumerate(table.words)}
        self._vectors = torch.from_numpy(table.vectors)
        self._digest()

    def _digest(self) -> None:
        facts = {"words": TOKENS, "pooling": self.pooling, "a": self.a}
        self.fingerprint = fingerprint(self.state(), facts)

    def prepare(self, item: Item) -> Tensor:
        """Rows of the words that are known, (n_words,) int64. Raises `DataError` for what is no text."""
        return torch.tensor([row for row in self._looked_up(clean(item)) if row is not None], dtype=torch.int64)

    def cost(self, prepared: Tensor) -> int:
        """Words."""
        return max(len(prepared), 1)

    def collate(self, prepared: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """All words one after the other, and where each text begins."""
        lengths = torch.tensor([0, *(len(rows) for rows in prepared)])
        return torch.cat(list(prepared)), lengths.cumsum(0)[:-1]

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Tensor]:
        """{"pool": (n, d) float32}; each text is one row whatever `pooling` says."""
        asked = self._asked(layers, pooling)
        if self.pooling == "sif" and self._common is None:
            raise BackboneError(f"'{self.name}' with SIF has to learn from texts first: backbone.fitted(texts)")
        with torch.inference_mode():
            rows = self._averages(*batch)
            if self._common is not None:
                rows = rows - (rows @ self._common)[:, None] * self._common
        return {layer: rows.clone() for layer in asked}

    def fitted(self, items: Iterable[Item]) -> Self:
        """The same vectors with SIF's weights and common direction learnt from `items`; itself without SIF.

        Raises `DataError` when none of the texts holds a known word.
        """
        if self.pooling != "sif":
            return self
        twin = copy.copy(self)
        prepared = [self.prepare(item) for item in items]
        counts = torch.bincount(torch.cat([*prepared, torch.zeros(0, dtype=torch.int64)]), minlength=len(self._words))
        if not counts.sum():
            raise DataError(f"none of {len(prepared)} texts holds a word that '{self.name}' knows; use other vectors")
        twin._weights = (self.a / (self.a + counts.double() / counts.sum())).float()
        rows = twin._averages(*twin.collate(prepared)).double().numpy()
        common = np.linalg.svd(rows, full_matrices=False)[2][0]
        twin._common = torch.from_numpy(common * np.sign(common[np.abs(common).argmax()])).float()
        twin.learned_from, twin.reopens = None, False
        twin._digest()
        return twin

    def unknown_share(self, items: Iterable[Item]) -> float:
        """Share of all tokens that have no vector, 0..1."""
        found = [row is not None for item in items for row in self._looked_up(clean(item))]
        return 1 - sum(found) / len(found) if found else 0.0

    def state(self) -> dict[str, Tensor]:
        """Vectors, vocabulary (as bytes, one word a line) and what was learnt."""
        words = np.frombuffer("\n".join(self._words).encode(), dtype=np.uint8).copy()
        learnt = {"weights": self._weights, "common": self._common}
        kept = {name: tensor for name, tensor in learnt.items() if tensor is not None}
        return {"vectors": self._vectors, "vocabulary": torch.from_numpy(words), **kept}

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """The same with other vectors and what was learnt with them."""
        if not {"vectors", "vocabulary"} <= set(state):
            raise BackboneError(f"the state of word vectors needs 'vectors' and 'vocabulary', got {sorted(state)}")
        twin = copy.copy(self)
        twin._weights, twin._common = state.get("weights"), state.get("common")
        twin.learned_from = "texts" if self.pooling == "sif" and twin._common is None else None
        twin.reopens = False
        words = tuple(state["vocabulary"].numpy().tobytes().decode().split("\n"))
        twin._adopt(WordVectors(words, state["vectors"].numpy()))
        return twin

    def _averages(self, rows: Tensor, starts: Tensor) -> Tensor:
        if self._weights is None:
            return torch.nn.functional.embedding_bag(rows, self._vectors, starts, mode="mean")
        ends = torch.cat([starts[1:], torch.tensor([len(rows)])])
        sums = torch.nn.functional.embedding_bag(
            rows, self._vectors, starts, mode="sum", per_sample_weights=self._weights[rows]
        )
        return sums / (ends - starts).clamp(min=1)[:, None]

    def _looked_up(self, text: str) -> list[int | None]:
        """A row per token, None where it is unknown."""
        found: list[int | None] = []
        for token in re.findall(TOKENS, text):
            row = self._known(token)
            parts = re.split("['’]", token) if row is None else []
            found += [self._known(part) for part in parts] if len(parts) > 1 else [row]
        return found

    def _known(self, token: str) -> int | None:
        row = self._row.get(token)
        return self._row.get(token.lower()) if row is None else row


def open_words(
    file: str = "",
    *,
    pooling: Weighting = "mean",
    a: float = 1e-3,
    limit: int | None = None,
    language: str = "en",
    license: str | None = None,
) -> WordBackbone:
    """`words/<file>`: GloVe, word2vec (text or binary) or Numberbatch vectors, gzipped or not.

    pooling   "mean", or "sif" (weights `a`, learns from texts first)
    limit     only the first words of the file, the most frequent ones in most files
    language  of Numberbatch names such as /c/en/word

    Without a file it is empty, to be completed with `with_state`. Raises `BackboneError` for an unreadable file.
    """
    if pooling not in ("mean", "sif"):
        raise BackboneError(f"unknown pooling '{pooling}' of word vectors; known: mean, sif")
    if a <= 0 or (limit is not None and limit < 1):
        raise BackboneError(f"a and limit must be positive, got a={a}, limit={limit}")
    empty = WordVectors((), np.zeros((0, 1), dtype=np.float32))
    table = read_word_vectors(file, limit=limit, language=language) if file else empty
    given = {"pooling": pooling, "a": a, "limit": limit, "language": language, "license": license}
    usual = {"pooling": "mean", "a": 1e-3, "limit": None, "language": "en", "license": None}
    options = {key: value for key, value in given.items() if value != usual[key]}
    name = f"words/{file}" if file else "words"
    return WordBackbone(table, name=name, options=options, pooling=pooling, a=a, license=license or "unknown")
