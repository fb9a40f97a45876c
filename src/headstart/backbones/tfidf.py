"""Words and word pairs, counted and weighted by rarity: tf-idf (Spärck Jones, Journal of Documentation 1972)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor

from headstart.backbones.backbone import Pooling
from headstart.backbones.description import Described
from headstart.backbones.fingerprint import fingerprint
from headstart.backbones.text_preparation import clean
from headstart.data.samples import Item
from headstart.errors import BackboneError, DataError
from headstart.problem import Modality

MANY = 100  # from so many texts on, a term has to occur in two of them


class TfidfBackbone(Described):
    """scikit-learn's tf-idf as a backbone: logarithmic counts, rows of length 1, sparse.

    Its vocabulary has to be learnt first: `backbone.fitted(texts)`.
    """

    modality: Modality = "text"
    license = "Apache-2.0"
    name = "tfidf"
    stored = False
    sparse = True

    def __init__(self, *, longest: int, min_df: int | None, most: int | None) -> None:
        self.longest = longest
        self.min_df = min_df
        self.most = most
        given = {"longest": longest, "min_df": min_df, "most": most}
        self.options = {key: value for key, value in given.items() if value is not None}
        self.architecture = ("tfidf", dict(self.options))
        self._vectorizer: TfidfVectorizer | None = None
        self._adopt(None, None)

    def _adopt(self, terms: list[str] | None, idf: Any) -> None:
        if terms is not None:
            self._vectorizer = self._blank(vocabulary={term: column for column, term in enumerate(terms)})
            self._vectorizer.idf_ = np.asarray(idf, dtype=np.float32)
        self.learned_from = "texts" if terms is None else None
        self.reopens = terms is None
        self.fingerprint = fingerprint(self.state(), {"tfidf": {"longest": self.longest, "sublinear": True}})

    def _blank(self, **learnt: Any) -> TfidfVectorizer:
        return TfidfVectorizer(
            ngram_range=(1, self.longest), sublinear_tf=True, max_features=self.most, dtype=np.float32, **learnt
        )

    def fitted(self, items: Iterable[Item]) -> Self:
        """The same with vocabulary and rarity learnt from `items`. Raises `DataError` when they hold no word."""
        texts = [clean(item) for item in items]
        min_df = self.min_df or (2 if len(texts) >= MANY else 1)
        try:
            learnt = self._blank(min_df=min_df).fit(texts)
        except ValueError as cause:
            raise DataError(
                f"no term occurs in {min_df} or more of {len(texts)} texts; lower min_df ({cause})"
            ) from cause
        twin = copy.copy(self)
        twin._adopt([str(term) for term in learnt.get_feature_names_out()], learnt.idf_)
        return twin

    def prepare(self, item: Item) -> str:
        """The text. Raises `DataError` for anything else."""
        return clean(item)

    def collate(self, prepared: Sequence[str]) -> list[str]:
        return list(prepared)

    def embed(self, batch: Any, layers: Sequence[str], *, pooling: Pooling = "mean") -> dict[str, Any]:
        """{"pool": CSR matrix (n, terms) float32}."""
        asked = self._asked(layers, pooling)
        if self._vectorizer is None:
            raise BackboneError("'tfidf' has to learn its vocabulary first: backbone.fitted(texts)")
        rows = self._vectorizer.transform(batch)
        return dict.fromkeys(asked, rows)

    def state(self) -> dict[str, Tensor]:
        """Vocabulary (JSON as bytes) and rarities; empty before learning."""
        if self._vectorizer is None:
            return {}
        terms = json.dumps(sorted(self._vectorizer.vocabulary, key=self._vectorizer.vocabulary.get), ensure_ascii=False)
        return {
            "vocabulary": torch.from_numpy(np.frombuffer(terms.encode(), dtype=np.uint8).copy()),
            "idf": torch.from_numpy(np.array(self._vectorizer.idf_)),
        }

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """The same with this vocabulary and these rarities."""
        if set(state) != {"vocabulary", "idf"}:
            raise BackboneError(f"the state of tf-idf is 'vocabulary' and 'idf', got {sorted(state)}")
        twin = copy.copy(self)
        twin._adopt(json.loads(state["vocabulary"].numpy().tobytes()), state["idf"].numpy())
        return twin


def open_tfidf(
    rest: str = "", *, longest: int = 2, min_df: int | None = None, most: int | None = None
) -> TfidfBackbone:
    """`tfidf`: terms of one to `longest` words; learns its vocabulary from texts.

    min_df  in how many texts a term must occur (None: 2, or 1 when fewer than 100 texts are given)
    most    keep only so many terms, the most frequent ones
    """
    if rest:
        raise BackboneError(f"'tfidf' takes options only, got 'tfidf/{rest}'; write e.g. tfidf?longest=1")
    if longest < 1 or (min_df is not None and min_df < 1) or (most is not None and most < 1):
        raise BackboneError(f"longest, min_df and most start at 1; got {longest}, {min_df}, {most}")
    return TfidfBackbone(longest=longest, min_df=min_df, most=most)
