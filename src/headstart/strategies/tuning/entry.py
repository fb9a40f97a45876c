"""A fine-tuned network as a candidate: scored on the same folds as all others, delivered as a whole network."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import softmax

from headstart.arrays import Labels, Matrix, Rows
from headstart.backbones.network import NetworkBackbone
from headstart.data.splitting import first_repeat
from headstart.errors import TrainingError
from headstart.features.store import Store
from headstart.heads.head import Head
from headstart.heads.logistic import Logistic
from headstart.heads.repeats import Repeats
from headstart.models.feature_map import FeatureMap
from headstart.strategies.feature_extraction import head_bytes, weights_of
from headstart.strategies.findings import Kind, Training
from headstart.strategies.ground import Evaluated, Ground
from headstart.strategies.learner import linear_head
from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.rounds import best_round, losses_by_round, way_of
from headstart.strategies.tuning.run import logits_of
from headstart.strategies.tuning.trial import Trials, tried, tuners_on
from headstart.strategies.tuning.tuner import Tuner
from headstart.training.trainable import Trainable

PROBED = 16  # rows on which the delivered network is compared with what was trained
NEAR = 0.05  # largest difference of a probability that half-precision activations and folded BatchNorm may make


@dataclass(frozen=True, eq=False)
class Scored:
    """What the folds said: a curve per fold, with the rows (positions in the dataset) that it was watched on.

    least      the earliest round that may be kept: 1 where the start, untrained, is another entry's business
    untrained  gives a fold's probabilities (n, C) by the head of the frozen network, delivered where no round is kept
    """

    curves: Sequence[Curve]
    watched: Sequence[Rows]
    labels: Sequence[Labels]
    least: int = 0
    untrained: Callable[[int], Matrix] | None = None

    @cached_property
    def kept(self) -> int:
        """The round after which the delivered run ends."""
        return best_round(self.curves, self.labels, least=self.least)

    def proba(self, fold: int) -> Matrix:
        """One fold's probabilities, after the round that the other folds would end at (its own, where it is alone)."""
        others = [other for other in range(len(self.curves)) if other != fold] or [fold]
        curves, labels = [self.curves[other] for other in others], [self.labels[other] for other in others]
        number = best_round(curves, labels, least=self.least)
        if not number and self.untrained is not None:
            return self.untrained(fold)
        curve = self.curves[fold]
        return np.asarray(softmax(curve.logits[min(number, curve.rounds)].astype(np.float64), axis=1))

    def accuracy(self, number: int) -> float:
        """Share of all watched rows that are right after a round."""
        right = [
            curve.logits[min(number, curve.rounds)].argmax(axis=1) == labels
            for curve, labels in zip(self.curves, self.labels, strict=True)
        ]
        return float(np.concatenate(right).mean())


def evaluate_tuning(
    ground: Ground,
    backbone: NetworkBackbone,
    recipe: TuningRecipe,
    *,
    store: Store,
    rivals: Sequence[TuningRecipe] = (),
    folds: int | None = None,
    kind: Kind = "fine-tuned",
    progress: bool = False,
) -> Evaluated:
    """Fine-tune on every fold of the first repeat (or the first `folds` of them), then on all training rows.

    Where the recipe has `rivals`, each is tried on the first fold, and the one that loses least there goes on.

    The folds say after which round to stop; the run on all rows ends there, and the earlier that is, the less of the
    way from the start is gone (see `rounds.way_of`; from scratch all of it). Where they do not say that training gains
    anything, the frozen network is delivered, under the best head that is known without it. A fold's own score uses
    the round that the other folds chose, so that no row has a say in when the model that it scores was stopped.

    Raises `TrainingError` when a run diverges or nothing would move, `UnknownName` for a layer that does not exist.
    """
    started = time.perf_counter()
    trials = tried(ground, tuners_on(ground, backbone, (recipe, *rivals), store=store, progress=progress))
    tuner = trials.best
    knows_nothing = kind == "from scratch"
    scored = score(ground, tuner, folds=folds, least=1 if knows_nothing else 0)
    way = 1.0 if knows_nothing else way_of(tuner.recipe, len(ground.train), rounds=scored.kept)
    model, curve = tuner.trained(ground.train, rounds=scored.kept, way=way)
    network = delivered(model, tuner)
    trained = head_of(model)
    check_delivered(network, trained, model, tuner)
    head = trained if scored.kept else tuner.untrained(ground.train)
    validation, runs = out_of_fold(ground, scored)
    feature_map = FeatureMap(network, network.layers[-1:])
    size = weights_of(network)
    test = tested(ground, feature_map, head, store=store, progress=progress)
    seconds = time.perf_counter() - started
    return Evaluated(
        name=f"{kind} · {backbone.name} · {tuner.recipe.move}",
        kind=kind,
        validation=validation,
        runs=runs,
        test=test,
        map=feature_map,
        head=head,
        head_name="linear" if scored.kept else head.name,
        cost=(size, 1, head.n_features_in_ + 1),
        seconds=seconds,
        bytes=size + head_bytes(head),
        note=note_of(scored, tuner, trials),
        training=training_of(scored, curve, model, tuner, trials, way=way, seconds=seconds),
    )


def tested(ground: Ground, feature_map: FeatureMap, head: Head, *, store: Store, progress: bool) -> Matrix:
    """Probabilities of the held-out rows, by the network that is delivered; (n_test, C)."""
    if not len(ground.test):
        return np.zeros((0, ground.n_classes))
    return head.predict_proba(feature_map.matrix(ground.dataset.take(ground.test), store=store, progress=progress))


def score(ground: Ground, tuner: Tuner, *, folds: int | None, least: int = 0) -> Scored:
    """A curve for every fold of the first repeat, or for the first `folds` of them."""
    asked = first_repeat(ground.split.folds)[:folds]
    curves: list[Curve] = [tuner.curve(fit, watch) for fit, watch in asked]
    watched: list[Rows] = [watch for _, watch in asked]

    def untrained(fold: int) -> Matrix:
        fit, watch = asked[fold]
        return tuner.untrained(fit).predict_proba(tuner.embedded(watch))

    return Scored(curves, watched, [ground.labels[rows] for rows in watched], least, untrained)


def out_of_fold(ground: Ground, scored: Scored) -> tuple[Matrix, Matrix]:
    """Probabilities (n_train, C), NaN for rows no fold scored, and right or wrong (1, n_train)."""
    repeats = Repeats(len(ground.train), ground.n_classes)
    position = np.full(len(ground.dataset), -1, dtype=np.int64)
    position[ground.train] = np.arange(len(ground.train))
    for fold, rows in enumerate(scored.watched):
        repeats.add(position[rows], scored.proba(fold), ground.labels[rows])
    return repeats.mean_proba, repeats.right


def delivered(model: Trainable, tuner: Tuner) -> NetworkBackbone:
    """The whole network with the trained part in place, under a name that says so; its licence is the start's."""
    network = model.network()
    name = f"{tuner.backbone.name} fine-tuned on {tuner.dataset.domain.name or 'the target'}"
    return network.named(name, reopens=False)


def head_of(model: Trainable) -> Logistic:
    """The trained linear layer as a head on the network's last layer."""
    weight, bias = model.head.weight.detach().double().numpy(), model.head.bias.detach().double().numpy()
    return linear_head(weight.T, bias)


def check_delivered(network: NetworkBackbone, head: Logistic, model: Trainable, tuner: Tuner) -> None:
    """Raise `TrainingError` unless the whole network answers as the part did that was trained on activations."""
    rows = tuner.train[:: max(1, len(tuner.train) // PROBED)][:PROBED]
    trained = softmax(logits_of(model, tuner.inputs, rows).astype(np.float64), axis=1)
    samples = [network.prepare(tuner.dataset.items[row]) for row in rows]
    layer = network.layers[-1]
    whole = head.predict_proba(network.embed(network.collate(samples), [layer])[layer].numpy())
    apart = float(np.abs(trained - whole).max())
    if apart > NEAR:
        raise TrainingError(
            f"'{network.name}' answers otherwise than the part of it that was trained (probabilities differ by "
            f"{apart:.3f}); this is a defect, please report it"
        )


def note_of(scored: Scored, tuner: Tuner, trials: Trials) -> str:
    """What a reader of the comparison should know."""
    notes = [] if scored.kept else ["training did not clearly lower the validation loss: the frozen network was kept"]
    if len(scored.curves) == 1:
        notes.append("scored on one validation part, which also chose when to stop")
    return "; ".join([*notes, *filter(None, [trials.note, tuner.inputs.saved.note])])


def training_of(
    scored: Scored, curve: Curve, model: Trainable, tuner: Tuner, trials: Trials, *, way: float, seconds: float
) -> Training:
    """The run as plain values for the report."""
    saved, network = tuner.inputs.saved, tuner.backbone
    sizes = {name: weight.numel() for name, weight in network.module.named_parameters()}
    rounds = losses_by_round(scored.curves, scored.labels)
    n = len(tuner.train)
    return Training(
        name=f"{network.name} · {tuner.recipe.move}",
        move=tuner.recipe.move,
        boundary=tuner.moving.boundary or "",
        moved=model.learning(),
        numbers=sum(sizes.values()) + sum(p.numel() for p in model.head.parameters()),
        frozen=model.frozen_state_digest(),
        kept=scored.kept,
        steps=tuner.recipe.steps_until(n, scored.kept),
        fits=len(scored.curves),
        losses=curve.losses,
        validation=tuple(map(float, rounds)),
        accuracy=tuple(scored.accuracy(number) for number in range(len(rounds))),
        passes=saved.made,
        avoided=saved.avoided,
        saved=saved.avoided * saved.seconds_each,
        seconds=seconds,
        recipe=tuner.recipe.to_json(),
        way=way * tuner.recipe.wise,
        notes=tuple(filter(None, [trials.note, saved.note])),
    )
