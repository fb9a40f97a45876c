"""What is believed of each candidate after the scores: prior and measurements weighed by what each is worth.

The accuracy to be had from a backbone is taken as normal around what its public strength suggests (spread `TAU`), and
what is measured as that accuracy plus sampling error plus what leave-one-out on frozen features cannot see (`PROXY`):
few labels lean on the prior, many on the data. Layers of one backbone share its prior, so that it decides between
backbones and never between layers. A backbone that nothing is known of is believed as measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.arrays import Matrix, Vector
from headstart.selection.cascade import Scored, contributions
from headstart.selection.metric import Measurement

# R² orders features best (benchmarks/selection_agreement.py); the accuracies it is counted in are those of ridge_loo
WEIGHTS = {"ridge_r2": 0.6, "knn_loo": 0.15, "hscore": 0.15, "ridge_loo": 0.1}
TAU, PROXY = 0.04, 0.02  # accuracy; the second is the error of leave-one-out as a forecast of the final model
DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Belief:
    """Per candidate (k,): expected accuracy (or score), and draws (DRAWS, k) around it."""

    mean: Vector
    draws: Matrix

    @property
    def p_best(self) -> Vector:
        """Share of draws in which each is the best."""
        return np.bincount(self.draws.argmax(axis=1), minlength=len(self.mean)) / len(self.draws)

    @property
    def leaders(self) -> np.ndarray:
        """(k,) which are within one standard error (of the difference) of the best."""
        best = int(self.mean.argmax())
        return np.asarray(self.mean[best] - self.mean <= self.gap_errors(best))

    def gap_errors(self, best: int) -> Vector:
        """Standard error of how far each is behind the best."""
        return np.asarray((self.draws[:, [best]] - self.draws).std(axis=0))

    def interval(self, at: int, level: float = 0.95) -> tuple[float, float]:
        low, high = np.quantile(self.draws[:, at], [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def belief(scored: Sequence[Scored], strengths: Mapping[str, float | None], *, seed: int = 0) -> Belief:
    """From the kit's scores on the same rows and each backbone's strength (standard deviations; None: unknown)."""
    rng = np.random.default_rng(seed)
    right, _ = contributions(scored, "ridge_loo")
    draws = bayesian_bootstrap(right, rng)
    blended = blend({name: _values(scored, name) for name in WEIGHTS if name in scored[0].measured})
    draws += blended - right.mean(axis=0)
    names = [each.backbone for each in scored]
    backbones = list(dict.fromkeys(names))
    tops = np.array([blended[[name == backbone for name in names]].max() for backbone in backbones])
    sampling = np.array([draws[:, [name == backbone for name in names]].std(axis=0).mean() for backbone in backbones])
    expected = _expected(tops, [strengths.get(backbone) for backbone in backbones])
    noise = sampling**2 + PROXY**2
    trust = np.where(np.isnan(expected), 1.0, TAU**2 / (TAU**2 + noise))
    shift = np.where(np.isnan(expected), 0.0, (1 - trust) * (expected - tops))
    left = np.sqrt(np.maximum(trust * noise - (trust * sampling) ** 2, 0.0))  # spread that rows do not explain
    of = np.array([backbones.index(name) for name in names])
    mean = blended + shift[of]
    around = (draws - blended) * trust[of] + rng.standard_normal((len(draws), len(backbones)))[:, of] * left[of]
    return Belief(mean.clip(0, 1), np.clip(mean + around, 0, 1))


def measured_belief(scored: Sequence[Scored], metric: str, *, sign: int, seed: int = 0) -> Belief:
    """From one metric alone: draws from its rows by the Bayesian bootstrap, or its values on random halves."""
    mean = np.array([sign * each.measured[metric].value for each in scored])
    parts, halves = contributions(scored, metric)
    if not halves:
        return Belief(mean, bayesian_bootstrap(sign * parts, np.random.default_rng(seed)))
    return Belief(mean, mean + sign * (parts - parts.mean(axis=0)))


def bayesian_bootstrap(rows: Matrix, rng: np.random.Generator, draws: int = DRAWS) -> Matrix:
    """Means (draws, k) of rows (m, k) under Dirichlet weights, the same for every column (Rubin, Annals 1981)."""
    found = np.empty((draws, rows.shape[1]))
    for start in range(0, draws, 100):
        weights = rng.standard_exponential((min(100, draws - start), len(rows)))
        found[start : start + 100] = (weights / weights.sum(axis=1, keepdims=True)) @ rows
    return found


def blend(values: Mapping[str, Vector]) -> Vector:
    """Scores (k,) by metric as one accuracy (k,): "ridge_loo", and what else there is of the kit.

    Each counts as its standard score in units of the accuracies' own spread, so that together they can never matter
    more than the accuracies differ.
    """
    accuracy = values["ridge_loo"]
    blended = sum(weight * _standard(values[name]) for name, weight in WEIGHTS.items() if name in values)
    return np.asarray(accuracy.mean() + accuracy.std() * _standard(np.asarray(blended)))


def _standard(values: Vector) -> Vector:
    spread = values.std()
    alike = spread <= 1e-12 * np.abs(values).max(initial=0.0)
    return np.zeros(len(values)) if alike else np.asarray((values - values.mean()) / spread)


def _expected(tops: Vector, strengths: Sequence[float | None]) -> Vector:
    """What each backbone's strength suggests (NaN where unknown): standardised among the known ones here, in units of
    how far their measured accuracies spread."""
    given = np.array([np.nan if value is None else value for value in strengths])
    known = ~np.isnan(given)
    if known.sum() < 2:
        return np.full(len(tops), np.nan)
    standard = np.full(len(given), np.nan)
    standard[known] = _standard(given[known])
    return np.asarray(tops[known].mean() + tops[known].std() * standard)


def _values(scored: Sequence[Scored], metric: str) -> Vector:
    measured: list[Measurement] = [each.measured[metric] for each in scored]
    return np.array([each.value for each in measured])
