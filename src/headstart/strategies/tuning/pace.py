"""How fast each layer learns, and from when on: decayed or measured rates, layers that join from the top down."""

from __future__ import annotations

from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.training.batches import Batches
from headstart.training.rates import stands_under
from headstart.training.relative_gradients import relative_gradient_rates
from headstart.training.terms.term import Term
from headstart.training.trainable import Trainable
from headstart.training.unfreezing import Unfreezing


def rates_of(
    model: Trainable, recipe: TuningRecipe, *, batches: Batches, objective: Term, seed: int = 0
) -> dict[str, float]:
    """Shares of the learning rate by prefix: the head's own; for layers, less with every one further down, or what
    their gradients ask for at the start."""
    heads = {name: recipe.head_rate for name, _ in model.named_children() if name != "part"}
    if recipe.rates == "relative":
        layers = [layer for layer, _ in layers_of(model)]
        return {**relative_gradient_rates(model, batches, objective=objective, layers=layers, seed=seed), **heads}
    return {**{name: recipe.decay ** model.depth(name) for name in moving_weights(model)}, **heads}


def unfreezing_of(model: Trainable, recipe: TuningRecipe) -> Unfreezing | None:
    """When each layer joins, layers of one depth together, the lowest at the share `unfreeze`; None: all at once."""
    if not recipe.unfreeze:
        return None
    layers = layers_of(model)
    order = sorted({depth for _, depth in layers})
    return Unfreezing({layer: recipe.unfreeze * (order.index(depth) + 1) / len(order) for layer, depth in layers})


def layers_of(model: Trainable) -> list[tuple[str, int]]:
    """Prefixes of the weights that move, each with its depth below the head: the modules that own them, or the weights
    themselves where a module has others at another depth."""
    depths = {name: model.depth(name) for name in moving_weights(model)}
    layers: dict[str, int] = {}
    for name, depth in depths.items():
        owner = name.rpartition(".")[0]
        alike = all(other == depth for path, other in depths.items() if stands_under(path, owner))
        layers[owner if alike else name] = depth
    return list(layers.items())


def moving_weights(model: Trainable) -> list[str]:
    """Names of the part's weights that train, in its order."""
    return [f"part.{name}" for name, weight in model.part.named_parameters() if weight.requires_grad]
