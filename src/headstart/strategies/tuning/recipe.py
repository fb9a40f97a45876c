"""How to fine-tune, as plain values: written into the model folder, read from it as the start for another task."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from headstart.errors import ModelError, UnknownName
from headstart.problem import Modality
from headstart.strategies.tuning.additions import Additions
from headstart.training.moving import BATCH_NORMS, BatchNorm

Regulariser: TypeAlias = Literal["none", "l2sp", "delta", "bss", "co-tuning"]
REGULARISERS: tuple[Regulariser, ...] = ("none", "l2sp", "delta", "bss", "co-tuning")

FORMAT = 1
FILE = "recipe.json"
NEVER = 10**6  # rounds
ENOUGH = 100  # labelled texts from which a trial of moving every layer says something
PASSES = 12
ROUNDS = 12  # looks in a run whose epochs are not given


@dataclass(frozen=True, kw_only=True)
class TuningRecipe(Additions):
    """Everything that decides a fine-tuning run but data, network and seed. `Additions` are off unless asked for.

    move          what may move (see `training.moving`)
    epochs        rounds through the rows; None: the number of rows decides
    passes        rounds through the rows that are aimed at where `epochs` is None: fewer on many rows, more on few
    lr            the highest learning rate, that of the topmost layer that moves
    head_rate     the head's rate, in multiples of `lr`
    decay         each layer further down has this share of the rate of the one above it (layer-wise decay)
    smoothing     of the labels
    views         deterministic views per sample where a boundary's activations are stored; 1: samples as they are
                  (where nothing is stored, every look at a sample is a new view, and 1 says: as they are)
    patience      rounds without a better validation loss after which a run stops
    batch_norm    "frozen", "statistics" or "train" (see `training.trainable`)
    regulariser   what holds the network to its start: "none", "l2sp", "delta", "bss" or "co-tuning" (see
                  `tuning.objective`)
    strength      of the regulariser; None: its paper's
    wise          share of the way from the start to the trained weights that is gone in the end (WiSE-FT): 1 for all
                  of it, about 0.5 where data will shift
    rank          of the adapters where the move is "lora"
    """

    move: str = "last2"
    epochs: int | None = None
    batch_size: int = 32
    lr: float = 3e-4
    head_rate: float = 1.0
    decay: float = 0.75
    warmup: float = 0.1
    weight_decay: float = 0.05
    smoothing: float = 0.0
    views: int = 4
    patience: int = 6
    batch_norm: BatchNorm = "frozen"
    optimizer: Literal["adamw", "sgd"] = "adamw"
    regulariser: Regulariser = "none"
    strength: float | None = None
    wise: float = 1.0
    rank: int = 8
    passes: int = PASSES

    def __post_init__(self) -> None:
        self.check_additions()
        if self.batch_norm not in BATCH_NORMS:
            raise UnknownName("batch_norm", self.batch_norm, BATCH_NORMS)
        if self.regulariser not in REGULARISERS:
            raise UnknownName("regulariser", self.regulariser, REGULARISERS)
        if not 0 < self.wise <= 1 or self.rank < 1 or (self.strength is not None and not self.strength > 0):
            raise ValueError(
                f"wise ({self.wise}) lies in (0, 1], rank ({self.rank}) starts at 1, strength ({self.strength}) above 0"
            )
        if self.epochs is not None and self.epochs < 1:
            raise ValueError(f"epochs must be at least 1, got {self.epochs}")
        if min(self.batch_size, self.views, self.patience, self.passes) < 1:
            raise ValueError(
                f"batch_size ({self.batch_size}), views ({self.views}), patience ({self.patience}) and passes "
                f"({self.passes}) start at 1"
            )
        if not (math.isfinite(self.lr) and self.lr > 0) or not 0 < self.decay <= 1 or self.head_rate <= 0:
            raise ValueError(
                f"lr ({self.lr}) and head_rate ({self.head_rate}) must be positive, decay ({self.decay}) in (0, 1]"
            )
        if self.stochastic_norm and self.batch_norm == "frozen":
            raise ValueError(
                f"stochastic_norm ({self.stochastic_norm}) lets statistics follow the batches, batch_norm='frozen' "
                "forbids it; write batch_norm='train' or 'statistics'"
            )

    def steps(self, n: int) -> int:
        """Updates for `n` rows: so many rounds through them, where none are asked for at least 60 and at most 600."""
        per_epoch = -(-n // self.batch_size)
        return self.epochs * per_epoch if self.epochs else min(max(60, self.passes * per_epoch), 600)

    def steps_per_round(self, n: int) -> int:
        """Steps between two looks at the validation rows: an epoch where epochs are given, else a twelfth."""
        return -(-n // self.batch_size) if self.epochs else -(-self.steps(n) // ROUNDS)

    def steps_until(self, n: int, rounds: int | None) -> int:
        """Updates up to the end of so many rounds; None: all there are."""
        return self.steps(n) if rounds is None else min(rounds * self.steps_per_round(n), self.steps(n))

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the format's number; of the additions those that are on, of passes others than usual."""
        off = {field.name for field in fields(Additions)} - self.additions().keys()
        off |= {"passes"} if self.passes == PASSES else set()
        return {"format": FORMAT, **{name: value for name, value in asdict(self).items() if name not in off}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The recipe that was written. Raises `ModelError` for one of another format or with unknown parts."""
        given = {name: value for name, value in values.items() if name != "format"}
        if values.get("format") != FORMAT:
            raise ModelError(
                f"this recipe has format {values.get('format')}, and this headstart reads format {FORMAT}: write "
                f'"format": {FORMAT}'
            )
        known = [field.name for field in fields(cls)]
        try:
            for name in given.keys() - set(known):
                raise UnknownName("part of a recipe", name, known)
            return cls(**given)
        except (TypeError, ValueError) as cause:
            raise ModelError(f"this recipe cannot be read: {cause}") from cause


def default_recipe(modality: Modality, *, move: str | None = None, epochs: int | None = None) -> TuningRecipe:
    """What suits samples of one kind; `move` and `epochs` in place of the recipe's own."""
    recipe = TuningRecipe() if modality == "image" else TuningRecipe(views=1)
    if modality == "text":  # short ones: small batches are padded less
        recipe = replace(recipe, batch_size=16)
    if modality == "text" and move == "all":  # a third of the passes at a third of the rate: as dear, and better
        recipe = replace(recipe, lr=1e-4, passes=4)
    if move == "lora":  # adapters begin at nothing: they take larger steps, all alike
        recipe = replace(recipe, lr=1e-3, decay=1.0)
    return replace(recipe, move=move or recipe.move, epochs=epochs)


def default_rivals(modality: Modality, n: int) -> tuple[TuningRecipe, ...]:
    """Recipes that deserve a trial beside the default one on `n` labelled rows: they cost more, and often give more."""
    return (default_recipe(modality, move="all"),) if modality == "text" and n >= ENOUGH else ()


def read_recipe(place: str | Path) -> TuningRecipe:
    """The recipe in a model folder (or a recipe file). Raises `ModelError` where there is none."""
    file = Path(place) / FILE if Path(place).is_dir() else Path(place)
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise ModelError(
            f"no recipe at {place}: {cause}; name a model folder that was fine-tuned (it holds a {FILE})"
        ) from cause
    if not isinstance(values, dict):
        raise ModelError(f"{file} holds no recipe")
    return TuningRecipe.from_json(values)


def from_nothing(recipe: TuningRecipe) -> TuningRecipe:
    """The same run for random weights: everything moves at one rate, BatchNorm learns its statistics, rates are those
    of training from scratch, nothing stops it early or holds it to a start that knows nothing. Steps, batches, views
    and mixing stay as they are."""
    return replace(
        recipe, move="all", lr=2e-3, decay=1.0, rates="decay", unfreeze=0.0, batch_norm="train", stochastic_norm=0.0,
        regulariser="none", wise=1.0, patience=NEVER,
    )  # fmt: skip
