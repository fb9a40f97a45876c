"""The contract of every summand of an objective: a scalar from a batch and a model, closed under + and scalar *."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn

from headstart.errors import DataError
from headstart.training.batches import Batch


class Term:
    """`term(batch, model)` is a scalar tensor to be made small.

    Subclasses declare what they read: columns of the batch in `needs`, outputs of inner layers (paths in the model, for
    `batch.at`) in `layers`.
    """

    needs: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must say what it computes")

    def check(self, batch: Batch) -> None:
        """Raise `DataError` when batches lack a column that this term needs."""
        missing = [column for column in self.needs if column not in batch.columns]
        if missing:
            has = ", ".join(batch.columns) or "nothing but inputs"
            raise DataError(f"{self} needs {' and '.join(missing)}; the batches carry {has}")

    def __add__(self, other: Any) -> Sum:
        if not isinstance(other, Term):
            return NotImplemented
        return Sum((*_parts(self), *_parts(other)))

    def __radd__(self, other: Any) -> Term:
        return self if other == 0 else NotImplemented  # sum([a, b]) starts from 0

    def __mul__(self, weight: Any) -> Sum:
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            return NotImplemented
        if not math.isfinite(weight):
            raise ValueError(f"the weight of a term must be finite, got {weight}")
        return Sum(tuple((weight * own, term) for own, term in _parts(self)))

    __rmul__ = __mul__

    def __str__(self) -> str:
        return type(self).__name__


class Sum(Term):
    """Weighted terms, added up. Written `0.5 * a + b`, never by hand."""

    def __init__(self, parts: tuple[tuple[float, Term], ...]) -> None:
        self.parts = parts
        self.needs = tuple(dict.fromkeys(column for _, term in parts for column in term.needs))
        self.layers = tuple(dict.fromkeys(layer for _, term in parts for layer in term.layers))

    def __call__(self, batch: Batch, model: nn.Module) -> Tensor:
        first, *rest = (weight * term(batch, model) for weight, term in self.parts)
        return sum(rest, start=first)

    def __str__(self) -> str:
        return " + ".join(str(term) if weight == 1 else f"{weight:g} * {term}" for weight, term in self.parts)


def _parts(term: Term) -> tuple[tuple[float, Term], ...]:
    return term.parts if isinstance(term, Sum) else ((1.0, term),)
