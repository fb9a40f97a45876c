"""Whether a recipe suits a network and a kind of samples; said before anything is computed."""

from __future__ import annotations

from headstart.backbones.network import NetworkBackbone
from headstart.errors import DataError, TrainingError
from headstart.problem import Modality
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.source_head import check_source_head
from headstart.training.moving import Moving
from headstart.training.norms import batch_norms_of


def check_fits(recipe: TuningRecipe, moving: Moving, backbone: NetworkBackbone, modality: Modality) -> None:
    """Raise `TrainingError` for an option that would do nothing, or cannot be, `DataError` for samples that cannot be
    mixed."""
    if not moving.parameters:
        asked = {
            "unfreeze": recipe.unfreeze > 0,
            "rates='relative'": recipe.rates == "relative",
            "stochastic_norm": recipe.stochastic_norm > 0,
            "regulariser='co-tuning'": recipe.regulariser == "co-tuning",
        }
        if idle := [name for name, is_on in asked.items() if is_on]:
            raise TrainingError(
                f"{idle[0]} has no effect with move='{recipe.move}', where the head alone trains; leave it out, or let "
                "layers move"
            )
    if recipe.stochastic_norm and not batch_norms_of(backbone.module):
        raise TrainingError(f"stochastic_norm needs BatchNorm layers, and '{backbone.name}' has none; leave it out")
    if recipe.regulariser == "co-tuning":
        check_source_head(backbone)
    if recipe.cutmix and moving.boundary is not None and backbone.channel_axis != 1:
        raise TrainingError(
            f"cutmix would cut the stored activations of '{backbone.name}' along their channels, which come last; take "
            "mixup, or move='all'"
        )
    if recipe.cutmix and modality != "image":
        raise DataError(f"cutmix cuts pictures, and these samples are {modality}; take mixup, or neither")
    if recipe.mixup and modality == "text":
        raise DataError("mixup needs inputs of real numbers, and texts are tokens; leave it out")
