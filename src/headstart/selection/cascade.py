"""Score everything on few rows, drop what is clearly behind, go on with more rows (successive halving by evidence)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from headstart.arrays import Matrix, Rows, Vector
from headstart.errors import HeadstartError
from headstart.selection import METRICS
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.metric import Measurement
from headstart.selection.tap import Tap

FeaturesOf = Callable[[str, Rows], Mapping[Tap, LabelledFeatures]]
FAILURES = (HeadstartError, ImportError, OSError, RuntimeError)  # of a network that cannot be had or run
BEHIND = 3.0  # standard errors of the paired difference


@dataclass(frozen=True, eq=False)
class Scored:
    """One backbone, tapped at one place, as scored on the largest sample it came to.

    halves   (H,) the deciding metric on random halves of the rows, where it has no contributions by row
    dropped  why it went no further; "" for those that came to the end
    """

    backbone: str
    tap: Tap
    measured: Mapping[str, Measurement]
    n: int
    halves: Vector | None = None
    dropped: str = ""

    @property
    def name(self) -> str:
        return f"{self.backbone} · {self.tap}"


@dataclass(eq=False)
class Cascade:
    """The run over growing samples.

    scored   what came to the end, all on the same rows; dropped  what did not, with the reason
    first    everything, on the first sample; skipped  backbones that could not be computed, with the reason
    """

    scored: list[Scored] = field(default_factory=list)
    dropped: list[Scored] = field(default_factory=list)
    first: list[Scored] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def cascade(
    backbones: Sequence[str],
    features_of: FeaturesOf,
    samples: Sequence[Rows],
    *,
    metrics: Sequence[str],
    behind: float = BEHIND,
    progress: bool = False,
) -> Cascade:
    """Score all `backbones` at all their layers on each sample in turn.

    features_of  rows of the data set → labelled features per tap; one forward pass gives them all. What it
                 raises (headstart's own errors, and those of files and networks) skips that backbone alone
    samples      nested row numbers
    metrics      the first decides who is dropped: more than `behind` standard errors of the paired difference below
                 the best. Metrics that say nothing row by row are compared on random halves
    """
    run, alive = Cascade(), dict.fromkeys(backbones)
    for stage, rows in enumerate(samples):
        run.scored = []
        bar = tqdm(list(alive), desc=f"ranking on {len(rows):,} rows", unit=" backbones", disable=not progress)
        for backbone in bar:
            try:
                gone = {each.tap for each in run.dropped if each.backbone == backbone}
                run.scored += [
                    score(backbone, tap, features, metrics)
                    for tap, features in features_of(backbone, rows).items() if tap not in gone
                ]  # fmt: skip
            except FAILURES as error:
                run.skipped[backbone] = " ".join(str(error).split())
        if stage == 0:
            run.first = list(run.scored)
        if stage + 1 < len(samples):
            _drop(run, metrics[0], behind)
        alive = {each.backbone: None for each in run.scored}
    return run


def score(backbone: str, tap: Tap, features: LabelledFeatures, metrics: Sequence[str]) -> Scored:
    """All metrics of one matrix, from one eigendecomposition."""
    measured = {name: METRICS[name]().measure(features) for name in metrics}
    halves = None if measured[metrics[0]].rows is not None else on_halves(features, metrics[0])
    return Scored(backbone, tap, measured, len(features.codes), halves)


def on_halves(features: LabelledFeatures, metric: str, times: int = 16) -> Vector:
    """A metric on random halves of the rows, the same for every backbone: their spread is its standard error, as that
    of half the rows left out is that of all."""
    X, codes, rng, values = features.statistics.X, features.codes, features.rng, []
    for _ in range(times):
        half = np.sort(rng.permutation(len(codes))[: max(len(codes) // 2, 2)])
        if len(np.unique(codes[half])) < 2 or np.bincount(codes[half]).max() < 2:
            values.append(np.nan)
            continue
        values.append(METRICS[metric]().measure(LabelledFeatures.of(X[half], codes[half], seed=features.seed)).value)
    return np.array(values)


def contributions(scored: Sequence[Scored], metric: str) -> tuple[Matrix, bool]:
    """(rows or halves, candidates): what each row (or half) says of each; and whether they are halves."""
    rows = [each.measured[metric].rows for each in scored]
    by_row = [each for each in rows if each is not None]
    if len(by_row) == len(rows):
        return np.column_stack(by_row), False
    halves = np.column_stack([each.halves for each in scored if each.halves is not None])
    sound = np.isfinite(halves).all(axis=1)
    return (halves[sound] if sound.any() else np.zeros((1, len(scored)))), True


def paired_error(first: Vector, second: Vector, *, halves: bool) -> float:
    """Standard error of the difference of two candidates' values."""
    spread = float((first - second).std(ddof=1)) if len(first) > 1 else 0.0
    return spread if halves else spread / np.sqrt(len(first))


def _drop(run: Cascade, metric: str, behind: float) -> None:
    if len(run.scored) < 2:
        return
    sign = 1 if METRICS[metric].higher_is_better else -1
    values = np.array([sign * each.measured[metric].value for each in run.scored])
    parts, halves = contributions(run.scored, metric)
    best = int(values.argmax())
    kept = []
    for at, each in enumerate(run.scored):
        error = paired_error(parts[:, best], parts[:, at], halves=halves)
        gap = values[best] - values[at]
        if at != best and gap > behind * max(error, 1e-12):
            reason = f"{gap:.3g} behind ({gap / max(error, 1e-12):.0f} SE) on {each.n:,} rows"
            run.dropped.append(Scored(each.backbone, each.tap, each.measured, each.n, each.halves, reason))
        else:
            kept.append(each)
    run.scored = kept
