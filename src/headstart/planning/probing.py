"""The probes: what each strategy may be expected to give, from forward passes, gradients and closed forms."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from scipy import sparse

from headstart.arrays import Labels, Rows
from headstart.backbones.backbone import Backbone
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.opening import open_backbone
from headstart.data.samples import VectorRows
from headstart.features.extraction import extract
from headstart.features.store import Store
from headstart.models.feature_map import FeatureMap
from headstart.planning.costs import Cost
from headstart.planning.experience import KERNEL, Lead
from headstart.planning.foremost import usual_layers
from headstart.planning.foretold import Foretold, standard_error
from headstart.planning.left_out import TRUSTED, LeftOut, held_out, left_out
from headstart.planning.plan import LayerPoint, Option, Strategy, backbone_in_words
from headstart.planning.support import outside_share
from headstart.selection.prior import is_taught, strength
from headstart.selection.tangent import Tangents, tangents
from headstart.stats.intervals import paired_gain
from headstart.strategies.feature_extraction import fitted_without_test, layer_sets, narrow_enough
from headstart.strategies.ground import Ground
from headstart.strategies.learner import Prepared
from headstart.strategies.network_learner import NetworkLearner
from headstart.strategies.scratch import Scratch
from headstart.strategies.training_runs import out_of_fold

RANDOM_STARTS = 2  # seeds of the untrained network
MOST_GRADIENTS = 128  # samples at which gradients are taken
ALONE = "each class has one row: nothing is left to learn it from"


@dataclass(frozen=True, eq=False)
class Sight:
    """What the probes look at: `rows` (positions in the dataset) of the ground's training rows."""

    ground: Ground
    rows: Rows
    store: Store
    progress: bool = False
    passes: dict[str, int] = field(default_factory=dict)  # samples sent through networks, by probe

    @property
    def labels(self) -> Labels:
        return np.asarray(self.ground.labels[self.rows])

    @property
    def groups(self) -> tuple[str, ...] | None:
        return self.ground.groups(self.rows)

    @property
    def judged(self) -> bool:
        """Whether some class has two rows, so that one can be foretold from the others."""
        return bool((np.bincount(self.labels) > 1).any())

    def count(self, probe: str, samples: int) -> None:
        self.passes[probe] = self.passes.get(probe, 0) + samples

    def judge(self, X: Any) -> LeftOut:
        """Leave-one-out on the rows at hand; over folds where rows come in groups."""
        if self.groups is None:
            return left_out(X, self.labels)
        return held_out(X, self.labels, self.folds(), self.ground.n_classes)

    def folds(self) -> list[tuple[Rows, Rows]]:
        """The ground's folds as positions within `rows`."""
        position = np.full(len(self.ground.dataset), -1, dtype=np.int64)
        position[self.rows] = np.arange(len(self.rows))
        pairs = [(position[fit], position[score]) for fit, score in self.ground.split.folds]
        return [(fit[fit >= 0], score[score >= 0]) for fit, score in pairs]

    def foretell(self, option: Option, found: LeftOut, evidence: str) -> Foretold:
        """The option with what leave-one-out says of it."""
        score = found.score(self.groups)
        if score is None:
            return Foretold(replace(option, abstained=ALONE))
        settled = replace(option, accuracy=score.interval, evidence=evidence)
        return Foretold(settled, found.correct, found.r2, found.explained)


@dataclass(frozen=True, eq=False)
class Frozen:
    """A backbone's frozen options, best first, and its layers one by one."""

    backbone: Backbone
    cost: Cost
    foretold: tuple[Foretold, ...]
    profile: tuple[LayerPoint, ...]
    matrices: dict[tuple[str, ...], Any]


def probe_frozen(sight: Sight, backbone: Backbone, cost: Cost, layers: Sequence[str] | None = None) -> Frozen:
    """Leave-one-out of a head on every layer, and on all of them side by side; one forward pass serves them all."""
    ground = sight.ground
    if backbone.learned_from is not None:
        backbone = fitted_without_test(backbone, ground)
    seen = ground.dataset.take(sight.rows)
    alone = [(layer,) for layer in backbone.layers]
    sets = [tuple(layers)] if layers else list(dict.fromkeys([*alone, *layer_sets(backbone)]))
    wanted = tuple(dict.fromkeys(layer for group in sets for layer in group))
    blocks = extract(seen, backbone, layers=wanted, store=sight.store, progress=sight.progress)
    sight.count("features", max(blocks[layer].computed + blocks[layer].reused for layer in wanted))
    everything = np.arange(len(seen))
    outside = outside_share(backbone, ground.dataset, sight.rows)
    known = None if "checkpoint" in backbone.describe()["options"] else strength(backbone.name, backbone.modality)
    taught = is_taught(backbone.name)
    taken = sets if layers else narrow_enough(sets, blocks)
    usual = usual_layers(backbone.modality, taken, backbone.layers)
    foretold, profile, matrices = [], [], {}
    for group in taken:
        X = FeatureMap(backbone, group).scaled_on(blocks, everything).joined(blocks)
        found = sight.judge(X)
        option = sight.foretell(_option("frozen", backbone, cost, sight, layers=group), found, "leave-one-out")
        option = replace(option, usual=group == usual, strength=known, taught=taught, outside=outside)
        foretold.append(option)
        matrices[group] = X
        if len(group) == 1 and option.option.accuracy is not None:
            shown = backbone_in_words(backbone.name, option.option.options)
            profile.append(LayerPoint(backbone=shown, layer=group[0], accuracy=option.option.accuracy, r2=found.r2))
    return Frozen(backbone, cost, tuple(foretold), tuple(profile), matrices)


def probe_raw(sight: Sight) -> tuple[Foretold, Any]:
    """The target alone, no representation at all: a head on pixels, word counts or columns; and its matrix."""
    started = time.perf_counter()
    items = sight.ground.dataset.items
    in_csr = isinstance(items, VectorRows) and sparse.issparse(items.matrix)
    modality = sight.ground.dataset.modality
    backbone = open_backbone("raw", modality=modality, **({"sparse": True} if in_csr else {}))
    layer = backbone.layers[-1]
    X = extract(sight.ground.dataset.take(sight.rows), backbone, store=sight.store)[layer].X
    found = sight.judge(X)
    option = Option(strategy="target only", memory=_bytes(X), license="none", seconds=time.perf_counter() - started)
    return sight.foretell(option, found, "leave-one-out"), X


def probe_scratch(sight: Sight, run: Scratch, *, beside: Any = None) -> tuple[Foretold, str]:
    """Learning from nothing: where that is closed-form cheap (texts, wide rows) it is done, on the folds; a network is
    foretold by the tangent kernel of its untrained weights. The second value says what the kernel saw, "" for none.

    beside  features (probe rows, d) that the kernel is compared with on the rows it looks at
    """
    ground = sight.ground
    learner = run.learner
    if not isinstance(learner, NetworkLearner):
        return _measured_scratch(sight, run), ""
    if not sight.judged:
        return Foretold(Option(strategy="scratch", license="own (trained here)", abstained=ALONE)), ""
    rows = fewer(sight, MOST_GRADIENTS)
    samples = list(learner.samples(sight.rows[rows]))
    recipe = learner.recipe(len(ground.train))
    found = []
    for seed in range(RANDOM_STARTS):
        network = learner.open(torch.stack(samples), ground.n_classes, width=recipe.width, seed=ground.seed + seed)
        features = tangents(network, samples, seed=ground.seed + seed, progress=sight.progress).above()
        found.append(left_out(features, sight.labels[rows]))
    sight.count("scratch gradients", 3 * RANDOM_STARTS * len(samples))
    best = max(found, key=lambda each: each.r2)
    option = Option(strategy="scratch", parameters=_weights(network), license="own (trained here)")
    return _kernel_word(sight, option, best, rows, "untrained weights", beside)


def probe_tangent(
    sight: Sight, frozen: Frozen, boundaries: dict[str, str | None], *, beside: Any = None, epochs: int | None = None
) -> dict[str, tuple[Foretold, str]]:
    """Fine-tuning, foretold by the tangent kernel of the pretrained weights above each boundary.

    boundaries  what may move → the layer above which weights move, None for all
    beside      features (probe rows, d) that the kernels are compared with on the rows they look at
    """
    backbone = frozen.backbone
    assert isinstance(backbone, NetworkBackbone)
    rows = fewer(sight, MOST_GRADIENTS)
    samples = Prepared(sight.ground.dataset, backbone)(sight.rows[rows])
    lowest = _lowest(backbone, boundaries)
    seen = tangents(backbone, samples, boundary=lowest, seed=sight.ground.seed, progress=sight.progress)
    sight.count("gradients", 3 * len(samples))
    found = {}
    for move, boundary in boundaries.items():
        option = _option("finetune", backbone, frozen.cost, sight, move=move, epochs=epochs)
        word = left_out(above(seen, backbone, boundary), sight.labels[rows])
        found[move] = _kernel_word(sight, option, word, rows, "pretrained weights", beside)
    return found


def above(seen: Tangents, backbone: NetworkBackbone, boundary: str | None) -> Any:
    """Tangent features above a boundary; one that holds no weights itself counts as the nearest below that does."""
    if boundary is None:
        return seen.above()
    order = list(backbone.layers)
    below = [layer for layer in order[: order.index(boundary) + 1] if layer in seen.blocks]
    return seen.above(below[-1]) if below else seen.above()


def _kernel_word(
    sight: Sight, option: Option, found: LeftOut, rows: Rows, of: str, beside: Any
) -> tuple[Foretold, str]:  # fmt: skip
    """What a tangent kernel foretells, and in words what it saw; it abstains below an R² of .5.

    On its few rows everything does worse than on all of them: what counts is its lead over what it stands beside,
    fitted on the same rows.
    """
    groups = sight.ground.groups(sight.rows[rows])
    score = found.score(groups)
    if score is None:
        return Foretold(replace(option, abstained="each class has one row")), ""
    saw = f"tangent kernel of {of}: accuracy {score}, R² {found.r2:.2f}"
    correct = np.full(len(sight.rows), np.nan)
    correct[rows] = found.correct
    if not found.r2 >= TRUSTED:
        why = f"the tangent kernel abstains: R² {found.r2:.2f} is below {TRUSTED}, where its word was worth little"
        return Foretold(replace(option, abstained=why), correct, found.r2), saw
    word = Foretold(replace(option, accuracy=score.interval, evidence="tangent kernel"), correct, found.r2)
    return (word if beside is None else replace(word, lead=_lead(found, beside, sight, rows))), saw


def _lead(found: LeftOut, beside: Any, sight: Sight, rows: Rows) -> Lead:
    """Of a kernel over features fitted on the same rows."""
    other = left_out(beside[rows], sight.labels[rows])
    both = found.judged & other.judged
    groups = sight.ground.groups(sight.rows[rows])
    kept = None if groups is None else [groups[row] for row in np.flatnonzero(both).tolist()]
    difference = paired_gain(found.correct[both], other.correct[both], groups=kept)
    return Lead(difference.value, float(np.hypot(standard_error(difference), KERNEL)))


def _measured_scratch(sight: Sight, run: Scratch) -> Foretold:
    ground, started = sight.ground, time.perf_counter()
    if any(len(np.unique(ground.labels[fit])) < 2 for fit, _ in ground.split.folds):
        few = "too few labels: some fold would learn from one class alone"
        return Foretold(Option(strategy="scratch", license="own (trained here)", abstained=few))
    _, runs = out_of_fold(ground, lambda fit, score: run.fit(fit, ground.n_classes).proba(score), once=True)
    position = np.full(len(ground.dataset), -1, dtype=np.int64)
    position[ground.train] = np.arange(len(ground.train))
    correct = runs[0][position[sight.rows]]
    seconds = time.perf_counter() - started
    option = Option(strategy="scratch", license="own (trained here)", seconds=seconds * (1 + 1 / ground.n_folds))
    return sight.foretell(option, LeftOut(correct, float("nan")), "folds")


def _option(
    strategy: Strategy, backbone: Backbone, cost: Cost, sight: Sight, *, layers: tuple[str, ...] = (), move: str = "",
    epochs: int | None = None,
) -> Option:  # fmt: skip
    described = backbone.describe()
    return Option(
        strategy=strategy, backbone=described["name"], options=described["options"], layers=layers, move=move,
        epochs=epochs, parameters=cost.parameters, latency=cost.latency, license=backbone.license,
        seconds=cost.extraction(len(sight.ground.train) + len(sight.ground.test)), memory=cost.memory(batch=32),
    )  # fmt: skip


def fewer(sight: Sight, most: int) -> Rows:
    """Positions within the probe rows, at most so many, every class among them."""
    if len(sight.rows) <= most:
        return np.arange(len(sight.rows))
    rng, labels = np.random.default_rng(sight.ground.seed), sight.labels
    chosen = []
    for code in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == code))
        chosen.append(members[: max(min(2, len(members)), round(most * len(members) / len(labels)))])
    return np.sort(np.concatenate(chosen))


def _lowest(backbone: NetworkBackbone, boundaries: dict[str, str | None]) -> str | None:
    named = list(boundaries.values())
    if None in named:
        return None
    return min((b for b in named if b is not None), key=backbone.layers.index)


def _weights(network: NetworkBackbone) -> int:
    return sum(parameter.numel() for parameter in network.module.parameters())


def _bytes(X: Any) -> int:
    return int(X.data.nbytes if sparse.issparse(X) else X.nbytes)
