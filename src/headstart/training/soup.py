"""Greedy soup: the mean of the weights that help on validation rows, and of no others (Wortsman et al., ICML 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from headstart.errors import TrainingError
from headstart.training.validation import Validation

Weights = Mapping[str, Tensor]  # a module's state_dict


@dataclass(frozen=True)
class Soup:
    """Which of the given weights are in it (by place), its validation loss, and that of each alone."""

    ingredients: tuple[int, ...]
    loss: float
    alone: tuple[float, ...]

    def __str__(self) -> str:
        return (
            f"mean of {len(self.ingredients)} of {len(self.alone)}: {self.loss:.4g}; best alone {min(self.alone):.4g}"
        )


def greedy_soup(model: nn.Module, ingredients: Sequence[Weights], validation: Validation) -> Soup:
    """Put into `model` the mean of the ingredients chosen as the paper does (its recipe 1).

    From the one that loses least alone to the one that loses most: each is kept in the mean if the mean then loses no
    more than before. So the soup never loses more on the validation rows than the best ingredient.

    ingredients  state dicts of one network, e.g. `checkpoint.weights(last=5)`, or of runs from one start
    """
    if not ingredients:
        raise TrainingError("there are no weights to mix; keep several states, e.g. `Checkpoint(..., keep=5)`")
    alone = []
    for weights in ingredients:
        model.load_state_dict(weights)
        alone.append(validation.loss(model))
    order = sorted(range(len(alone)), key=lambda place: alone[place])
    chosen, loss = order[:1], alone[order[0]]
    for place in order[1:]:
        model.load_state_dict(mean([ingredients[kept] for kept in [*chosen, place]]))
        tried = validation.loss(model)
        if tried <= loss:
            chosen, loss = [*chosen, place], tried
    model.load_state_dict(mean([ingredients[kept] for kept in chosen]))
    return Soup(tuple(sorted(chosen)), loss, tuple(alone))


def mean(ingredients: Sequence[Weights]) -> dict[str, Tensor]:
    """The mean of several weights, tensor by tensor, summed in float64; integers are the first's."""
    return {
        name: sum((weights[name].double() for weights in ingredients[1:]), start=tensor.double())
        .div(len(ingredients))
        .to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor.clone()
        for name, tensor in ingredients[0].items()
    }
