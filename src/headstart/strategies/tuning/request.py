"""What a person may ask of a transfer run: which strategies, what moves, for how long, at what cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from headstart.errors import DataError, UnknownName
from headstart.problem import Modality
from headstart.strategies.tuning.names import MIXES, STRATEGIES, MixName, StrategyName
from headstart.strategies.tuning.recipe import TuningRecipe, default_recipe, default_rivals


@dataclass(frozen=True, kw_only=True)
class Request:
    """Checked where it is written.

    strategy  auto          frozen features and source networks; fine-tuning of the best network where `budget` allows
              frozen        frozen features only
              finetune      as frozen, and every network fine-tuned
              scratch       nothing is transferred
              architecture  nothing is transferred, and the networks' own architectures are trained from random weights
    move      what may move (`training.moving`); None: the recipe's, or what does best on the first fold where several
              deserve a trial
    epochs    rounds through the training rows; None: the recipe's
    budget    seconds for fine-tuning, over all networks; None: none for "auto", no limit for the others
    recipe    how to fine-tune; None: what suits the kind of samples
    mix       whether several strategies may answer together (`strategies.mixture`): "auto" where that is credibly
              better and more than one was asked for, or "never"

    Raises `UnknownName` for an unknown strategy, `DataError` for options that contradict each other.
    """

    strategy: StrategyName = "auto"
    move: str | None = None
    epochs: int | None = None
    budget: float | None = None
    recipe: TuningRecipe | None = None
    mix: MixName = "auto"

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise UnknownName("strategy", self.strategy, STRATEGIES)
        if self.mix not in MIXES:
            raise UnknownName("mix", self.mix, MIXES)
        if self.budget is not None and not (math.isfinite(self.budget) and self.budget > 0):
            raise DataError(f"budget is a number of seconds above 0, got {self.budget}")
        if self.epochs is not None and self.epochs < 1:
            raise DataError(f"epochs must be at least 1, got {self.epochs}")
        given = [name for name in ("move", "epochs", "budget", "recipe") if getattr(self, name) is not None]
        if self.strategy in ("frozen", "scratch") and given:
            raise DataError(f"{given[0]} has no effect with strategy='{self.strategy}'; leave it out, or take finetune")
        if self.strategy == "auto" and self.budget is None and given:
            raise DataError(
                f"{given[0]} has no effect with strategy='auto' and no budget; "
                "write strategy='finetune', or give a budget"
            )

    @property
    def transfers(self) -> bool:
        """Whether anything is carried over."""
        return self.strategy in ("auto", "frozen", "finetune")

    @property
    def mixes(self) -> bool:
        """Whether several strategies may answer together: not where a person asked for one alone."""
        return self.mix == "auto" and self.strategy in ("auto", "finetune")

    @property
    def tunes(self) -> bool:
        """Whether networks are fine-tuned."""
        return self.strategy == "finetune" or (self.strategy == "auto" and self.budget is not None)

    def recipe_for(self, modality: Modality) -> TuningRecipe:
        """The recipe, with what was asked for in place of its own."""
        recipe = self.recipe or default_recipe(modality, move=self.move)
        return replace(recipe, move=self.move or recipe.move, epochs=self.epochs or recipe.epochs)

    def rivals_for(self, modality: Modality, n: int) -> tuple[TuningRecipe, ...]:
        """Recipes that deserve a trial beside it on `n` labelled rows; none where a person said how, or what moves."""
        if self.move is not None or self.recipe is not None:
            return ()
        return tuple(replace(rival, epochs=self.epochs or rival.epochs) for rival in default_rivals(modality, n))
