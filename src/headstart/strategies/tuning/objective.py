"""What a fine-tuning run makes small: cross-entropy, and what holds a network to its start where rows are few."""

from __future__ import annotations

from headstart.arrays import Labels
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.source_head import NAME, SourceHead
from headstart.training.terms.anchor import Anchor
from headstart.training.terms.co_tuning import CoTuning
from headstart.training.terms.cross_entropy import CrossEntropy, balanced_weights
from headstart.training.terms.delta import Delta
from headstart.training.terms.shrinkage import SpectralShrinkage
from headstart.training.terms.term import Term
from headstart.training.trainable import Trainable

STRENGTHS = {"l2sp": 0.1, "delta": 0.01, "bss": 0.001, "co-tuning": 2.3}  # of the papers' own experiments


def objective_of(model: Trainable, recipe: TuningRecipe, labels: Labels) -> Term:
    """Cross-entropy, its class weights by the labels learned from where the recipe asks for balance, and with its
    regulariser:

    l2sp       the moving weights are pulled to where they started (Li et al., ICML 2018)
    delta      the last layer goes on seeing what it saw at the start (Li, Xiong et al., ICLR 2019; without attention)
    bss        directions that a batch hardly uses are shrunk (Chen et al., NeurIPS 2019)
    co-tuning  the source's classes go on being predicted, by the head that `add_source_head` put there (You et al.,
               NeurIPS 2020)

    `model` is taken as it is now for the start.
    """
    balanced = recipe.class_weights == "balanced"
    weights = balanced_weights(labels, model.head.out_features) if balanced else None
    learned = CrossEntropy(smoothing=recipe.smoothing, class_weights=weights)
    if recipe.regulariser == "none":
        return learned
    strength = STRENGTHS[recipe.regulariser] if recipe.strength is None else recipe.strength
    return learned + strength * _holding(model, recipe)


def _holding(model: Trainable, recipe: TuningRecipe) -> Term:
    if recipe.regulariser == "l2sp":
        return Anchor.l2sp(model.twin())
    if recipe.regulariser == "delta":
        return Delta(model.twin(), ["part"])
    if recipe.regulariser == "co-tuning":
        source = model.get_submodule(NAME)
        assert isinstance(source, SourceHead)
        return CoTuning(source.relationship, features="part", head=NAME)
    return SpectralShrinkage("part")
