"""A ranking as plain values: a set of leaders, the rest behind them, and never an order that was not shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headstart.backbones.backbone import Pooling
from headstart.results import Interval, fraction, to_plain
from headstart.selection import METRICS
from headstart.selection.cascade import Cascade, Scored
from headstart.selection.limits import Size
from headstart.selection.posterior import Belief
from headstart.selection.tap import Tap

SHOWN, WIDEST = 12, 88


@dataclass(frozen=True, kw_only=True)
class Place:
    """One backbone with the layers taken from it, and how their positions are pooled.

    predicted  accuracy of a head on these frozen features, learned from as many rows as were looked at; with another
               deciding metric its value; None where there are no labels
    p_best     chance to be the best of all that came to the end
    leader     within one standard error of the best: nothing shows that it is worse
    scores     every metric that was measured
    strength   public figure and own runs, in standard deviations; None where nothing is known
    n          rows it was scored on
    dropped    why it was left behind early
    """

    backbone: str
    layers: tuple[str, ...]
    pooling: Pooling = "mean"
    predicted: Interval | None
    p_best: float = 0.0
    leader: bool = False
    scores: Mapping[str, float]
    strength: float | None = None
    size: Size = field(default_factory=Size)
    license: str = "unknown"
    n: int = 0
    dropped: str = ""

    @property
    def name(self) -> str:
        return f"{self.backbone} · {Tap(self.layers, self.pooling)}"

    @property
    def short(self) -> str:
        return short(self.name)


def short(name: str) -> str:
    """A name without the folders of the files in it.

    >>> short("timm/resnet18?checkpoint=nets/mine.safetensors")
    'timm/resnet18?checkpoint=…/mine.safetensors'
    """
    return re.sub(r"=[^&=]*/", "=…/", name)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Places best first: the leaders (cheapest first, as none was shown to be better), then the rest by prediction.

    by        what decided: "kit", a metric's name, or "prior" where there were no labels
    profiles  per backbone the deciding score of each single layer on the first sample, input to output: (layer, value,
              standard error)
    skipped   backbones that were not ranked, with the reason
    """

    title: str
    by: str
    places: tuple[Place, ...]
    n: int
    n_classes: int
    profiles: Mapping[str, tuple[tuple[str, float, float], ...]]
    skipped: Mapping[str, str]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def leaders(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.leader)

    @property
    def best(self) -> Place:
        """The cheapest leader; without labels the strongest by public figures."""
        return self.places[0]

    def __str__(self) -> str:
        lines = [self.verdict, ""]
        shown = [*self.leaders[:SHOWN]]
        for place in self.places:  # the best of every backbone, however far behind
            if place.backbone not in {each.backbone for each in shown}:
                shown.append(place)
        width = min(max(len(place.short) for place in shown), WIDEST)
        lines += [_row(place, width) for place in shown]
        if left := len(self.places) - len(shown):
            lines.append(f"  … and {left} more layers of these: --json and the report have them")
        lines += [f"skipped  {short(name)}: {reason}" for name, reason in self.skipped.items()]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    @property
    def verdict(self) -> str:
        """The answer in a sentence."""
        leaders = self.leaders
        rows = f"{self.n:,} rows of {self.n_classes} classes"
        if not leaders:
            return f"By public figures alone: {self.best.short} first. No label was looked at."
        if len(leaders) == 1:
            return f"{leaders[0].short} leads on {rows}."
        return f"{len(leaders)} lead and cannot be told apart on {rows}; the cheapest is {leaders[0].short}."

    def to_dict(self) -> dict[str, Any]:
        return dict(to_plain(self))


def ranking_of(
    run: Cascade,
    beliefs: Belief,
    *,
    title: str,
    by: str,
    n_classes: int,
    strengths: Mapping[str, float | None],
    sizes: Mapping[str, Size],
    licenses: Mapping[str, str],
    skipped: Mapping[str, str],
    notes: Sequence[str] = (),
) -> Ranking:
    """From a finished cascade and what is believed of those that came to its end."""
    sign = -1 if by in METRICS and not METRICS[by].higher_is_better else 1
    leaders, p_best = beliefs.leaders, beliefs.p_best

    def place(each: Scored) -> Place:
        return Place(
            backbone=each.backbone, layers=each.tap.layers, pooling=each.tap.pooling, predicted=None, n=each.n,
            dropped=each.dropped,
            scores={name: found.value for name, found in each.measured.items()},
            strength=strengths.get(each.backbone), size=sizes.get(each.backbone, Size()),
            license=licenses.get(each.backbone, "unknown"),
        )  # fmt: skip

    places = []
    for at, each in enumerate(run.scored):
        low, high = sorted(sign * end for end in beliefs.interval(at))
        value = sign * float(beliefs.mean[at])
        predicted = Interval(value, min(low, value), max(high, value))
        places.append(replace(place(each), predicted=predicted, p_best=float(p_best[at]), leader=bool(leaders[at])))
    places.sort(key=lambda one: _order(one, sign))
    return Ranking(
        title=title, by=by, places=(*places, *(place(each) for each in run.dropped)),
        n=max(each.n for each in run.scored), n_classes=n_classes,
        profiles=profiles(run.first, "ridge_loo" if by == "kit" else by), skipped=dict(skipped), notes=tuple(notes),
    )  # fmt: skip


def profiles(scored: Sequence[Scored], metric: str) -> dict[str, tuple[tuple[str, float, float], ...]]:
    """Per backbone with several layers: (layer, value, standard error) of each single one."""
    found: dict[str, tuple[tuple[str, float, float], ...]] = {}
    for backbone in dict.fromkeys(each.backbone for each in scored):
        own = [each for each in scored if each.backbone == backbone]
        single = [each for each in own if len(each.tap.layers) == 1 and each.tap.pooling == own[0].tap.pooling]
        if len(single) > 1:
            found[backbone] = tuple(
                (each.tap.layers[0], each.measured[metric].value, each.measured[metric].se) for each in single
            )
    return found


def _order(place: Place, sign: int) -> tuple[Any, ...]:
    assert place.predicted is not None
    if place.leader:  # cheapest first: fewer bytes, fewer layers
        return (0, place.size.bytes, len(place.layers), -sign * place.predicted.value)
    return (1, -sign * place.predicted.value)


def _row(place: Place, width: int) -> str:
    mark, size = "*" if place.leader else " ", f"{place.size.params / 1e6:.1f}M" if place.size.params else ""
    known = "" if place.strength is None else f"strength {place.strength:+.1f}"
    if place.dropped:
        return f"  {place.short:<{width}}  left behind: {place.dropped}"
    if place.predicted is None:
        found = "  ".join(f"{name} {value:.3g}" for name, value in place.scores.items())
        return f"  {place.short:<{width}}  {known:<13}  {found}  {size}".rstrip()
    chance = f"P(best) {fraction(place.p_best, 2)}"
    return f"{mark} {place.short:<{width}}  {place.predicted!s:<17}  {chance}  {known:<13}  {size}".rstrip()
