"""A recipe that does not suit is refused before anything is computed; StochNorm works where there is BatchNorm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.errors import DataError, TrainingError
from headstart.strategies.tuning.fitness import check_fits
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.tuner import Tuner
from headstart.training.moving import moving
from headstart.training.stochastic_norm import StochasticNorm


@pytest.mark.parametrize(
    ("changes", "modality", "error", "said"),
    [
        ({"move": "head", "unfreeze": 0.5}, "vector", TrainingError, "unfreeze has no effect with move='head'"),
        ({"move": "head", "rates": "relative"}, "vector", TrainingError, "rates='relative' has no effect"),
        ({"stochastic_norm": 0.5, "batch_norm": "train"}, "vector", TrainingError, "'mlp' has none"),
        ({"regulariser": "co-tuning"}, "vector", TrainingError, "needs the head of the source task"),
        ({"cutmix": 1.0}, "vector", DataError, "cutmix cuts pictures"),
        ({"mixup": 0.2}, "text", DataError, "texts are tokens"),
    ],
)
def test_what_does_not_suit_is_refused(network, changes, modality, error, said) -> None:
    recipe = TuningRecipe(**{"move": "all", **changes})
    with pytest.raises(error, match=said):
        check_fits(recipe, moving(network, recipe.move), network, modality)


def test_the_tuner_asks_first(tuner) -> None:
    with pytest.raises(DataError, match="cutmix"):
        Tuner(
            tuner.dataset, tuner.backbone, replace(tuner.recipe, cutmix=1.0), rows=tuner.rows, train=tuner.train,
            seed=0, store=tuner.store,
        )  # fmt: skip


def test_channels_are_not_cut() -> None:
    backbone = open_backbone("conv", size=16)
    backbone.channel_axis = 3
    recipe = TuningRecipe(move="last1", cutmix=1.0)
    with pytest.raises(TrainingError, match="along their channels"):
        check_fits(recipe, moving(backbone, "last1"), backbone, "image")
    check_fits(recipe, moving(backbone, "all"), backbone, "image")  # pictures have them first


def test_what_suits_passes(network) -> None:
    recipe = TuningRecipe(move="all", unfreeze=0.5, rates="relative", mixup=0.2, average=0.9)
    check_fits(recipe, moving(network, "all"), network, "vector")


def test_stochnorm_and_cutmix_on_a_network_with_batchnorm(store, pictures) -> None:
    """Statistics follow the batches, what is delivered is an ordinary network, and each option changes the run."""
    dataset, backbone = pictures(30, side=16, channels=3), open_backbone("conv", size=16)
    rows = np.arange(30)

    def trained(**changes):
        recipe = TuningRecipe(**{"move": "all", "epochs": 1, "batch_size": 16, "views": 1, **changes})
        tuner = Tuner(dataset, backbone, recipe, rows=rows, train=rows, seed=0, store=store)
        return tuner.trained(rows, rounds=1)[0]

    plain = trained(batch_norm="train")
    for changes in ({"stochastic_norm": 0.5}, {"cutmix": 1.0}):
        model = trained(batch_norm="train", **changes)
        kinds = [part for part in model.part.modules() if isinstance(part, StochasticNorm)]
        assert bool(kinds) == ("stochastic_norm" in changes)
        network, learned = model.network(), model.network().state()
        assert not torch.equal(model.head.weight, plain.head.weight)
        moved = [name for name, value in backbone.state().items() if not torch.equal(value, learned[name])]
        assert any("running_mean" in name for name in moved) and type(network) is type(backbone)
