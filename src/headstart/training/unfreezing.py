"""Gradual unfreezing: layers join from the top down, so that the new head does not shake them first (Howard & Ruder,
ACL 2018)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from torch import nn

from headstart.training.rates import check_prefixes, stands_under


@dataclass(frozen=True)
class Unfreezing:
    """When each layer begins to move.

    joins  prefix of parameter names → share of the steps after which it moves; what is not named moves from the start

    Until then its parameters have no gradients and its modules are in eval mode.

    >>> Unfreezing.from_the_top(["stem", "body", "head"], by=0.5).joins
    {'body': 0.25, 'stem': 0.5}
    """

    joins: Mapping[str, float]

    def __post_init__(self) -> None:
        for prefix, share in self.joins.items():
            if not 0 <= share < 1:
                raise ValueError(f"'{prefix}' must join at a share of the steps in [0, 1), got {share}")

    @classmethod
    def from_the_top(cls, layers: Sequence[str], *, by: float = 0.5) -> Unfreezing:
        """One layer after the other, evenly, all by the share `by`; the last of `layers` moves from the start."""
        below = list(reversed(layers))[1:]
        return cls({layer: by * (place + 1) / len(below) for place, layer in enumerate(below)})

    def held(self, step: int, steps: int) -> tuple[str, ...]:
        """The prefixes that do not move yet at step `step` (from 0) of `steps`."""
        return tuple(prefix for prefix, share in self.joins.items() if step < share * steps)

    @contextmanager
    def holding(self, model: nn.Module) -> Iterator[Holder]:
        """Inside, a `Holder` that is told of every step; after, all may move that could before."""
        check_prefixes(model, self.joins)
        holder = Holder(model, self)
        try:
            yield holder
        finally:
            holder.let_go(())


class Holder:
    """Holds what does not move yet."""

    def __init__(self, model: nn.Module, unfreezing: Unfreezing) -> None:
        self.model, self.unfreezing = model, unfreezing
        self._moving = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._held: tuple[str, ...] = ()

    def at(self, step: int, steps: int) -> None:
        """Hold what is to be held at this step. Call it after `model.train()`."""
        held = self.unfreezing.held(step, steps)
        if held != self._held:
            self.let_go(held)
        for prefix in held:
            for path, module in self.model.named_modules():
                if path and stands_under(path, prefix):
                    module.training = False

    def let_go(self, held: tuple[str, ...]) -> None:
        """All may move again but what stands under `held`."""
        self._held = held
        for name, parameter in self._moving.items():
            parameter.requires_grad_(not any(stands_under(name, prefix) for prefix in held))
