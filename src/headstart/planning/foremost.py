"""Which frozen option: each backbone's usual layers unless others are shown to be better, then the best backbone.

On few labels the best of many scores is the luckiest. A backbone has a dozen layers, so the usual ones keep their place
until others are ahead of them beyond chance (leave-one-out R², paired, on the same rows); between backbones the largest
R² decides, but one of a better public figure keeps its place likewise, and so does one that learned something beside
one that learned nothing: on ten photos random weights may look best, and were 33 points worse. R² tells features apart
better than accuracy, which on few rows takes few values (benchmarks/results/selection_agreement.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.arrays import Vector
from headstart.planning.foretold import Foretold, gain
from headstart.problem import Modality
from headstart.stats.intervals import mean_interval

SAME = 0.005  # R² that tells nothing apart


def usual_layers(modality: Modality, sets: Sequence[tuple[str, ...]], layers: tuple[str, ...]) -> tuple[str, ...]:
    """Which of a backbone's sets of layers one would take without having measured.

    Photos: the last layer, for lower maps say little once they are averaged. Vectors: all layers side by side, for the
    last one was bent to the task it was taught. Texts: the layer two thirds of the way up, the most transferable one of
    transformers (Liu et al., NAACL 2019). benchmarks/results/regret.md says what that rests on. The widest set where
    the layers asked for are not among the sets.
    """
    widest = max(sets, key=len)
    if modality == "vector":
        return widest
    wanted = layers[2 * (len(layers) - 1) // 3 :][:1] if modality == "text" else layers[-1:]
    return wanted if wanted in sets else widest


def foremost(frozen: Sequence[Foretold], groups: tuple[str, ...] | None = None) -> tuple[Foretold, str]:
    """The frozen option that is taken, and why. All must be known."""
    top = max(frozen, key=lambda each: each.accuracy)
    equals = [each for each in frozen if each is top or not beyond_chance(top, each, groups, by_rows=False)]
    if len(equals) == 1:
        return top, f"{top.option.name} is ahead of every other frozen option beyond chance"
    of: dict[str, list[Foretold]] = {}
    for each in equals:
        of.setdefault(f"{each.option.backbone} {each.option.options}", []).append(each)
    places = [_of_backbone(own, groups) for own in of.values()]
    taught = [each for each in places if each.taught]
    taken, why = _of_backbones(taught or places, groups)
    best = max(places, key=_r2)
    if taught and not best.taught and beyond_chance(best, taken, groups):
        taken, why = best, "foretells more than any that has learned something, beyond chance"
    return taken, (
        f"{len(equals)} of {len(frozen)} frozen options cannot be told from the best by accuracy; of these "
        f"{taken.option.name} {why}"
    )


def beyond_chance(
    first: Foretold, second: Foretold, groups: tuple[str, ...] | None = None, *, by_rows: bool = True
) -> bool:
    """Whether the first is ahead with 95 % certainty: by what each row contributes to R² (`by_rows`), else by
    accuracy."""
    if by_rows and first.explained is not None and second.explained is not None:
        differences = _by_group(first.explained - second.explained, groups)
        return len(differences) > 1 and mean_interval(differences.tolist()).low > 0
    difference = gain(first, second, groups)
    return difference is not None and difference.low > 0


def _by_group(differences: Vector, groups: tuple[str, ...] | None) -> Vector:
    """One value per row, or per group, whose mean is that of the rows."""
    kept = ~np.isnan(differences)
    if groups is None:
        return differences[kept]
    _, of = np.unique(np.array(groups)[kept], return_inverse=True)
    sums = np.bincount(of, weights=differences[kept])
    return np.asarray(sums * len(sums) / kept.sum())


def _of_backbone(own: Sequence[Foretold], groups: tuple[str, ...] | None) -> Foretold:
    best = max(own, key=_r2)
    usual = next((each for each in own if each.usual), best)
    return best if beyond_chance(best, usual, groups) else usual


def _of_backbones(places: Sequence[Foretold], groups: tuple[str, ...] | None) -> tuple[Foretold, str]:
    """Of one option per backbone the one that is taken, and why."""
    taken = max(places, key=_r2)
    stronger = [each for each in places if _stronger(each, taken) and not beyond_chance(taken, each, groups)]
    if stronger:
        taken = max(stronger, key=lambda each: each.strength or 0.0)
    alike = [each for each in places if _r2(each) >= _r2(taken) - SAME and not _stronger(taken, each)]
    smallest = min(alike, key=lambda each: (each.option.parameters, len(each.option.layers)))
    if any(each is smallest for each in stronger):
        return smallest, "has the better public figure"
    return smallest, "foretells most, the usual layers of each network going first"


def _stronger(first: Foretold, second: Foretold) -> bool:
    return first.strength is not None and second.strength is not None and first.strength > second.strength


def _r2(each: Foretold) -> float:
    return each.r2 if each.r2 == each.r2 else -np.inf
