"""What a score owes to chance: its mean over labels dealt out at random, taken off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headstart.arrays import Labels

TIMES = 5


def above_chance(
    score: Callable[[Labels], float],
    codes: Labels,
    rng: np.random.Generator,
    *,
    ceiling: float | None = None,
    times: int = TIMES,
) -> float:
    """score(codes) minus the mean of `times` scores of permuted codes; of a score that cannot pass `ceiling`, as a
    share of what chance leaves below it.

    Scores that look at the rows they were fitted on rise with the number of columns whatever the labels say; the same
    rise is in the permuted ones. Near a ceiling the plain difference would punish exactly the good features.
    """
    chance = float(np.mean([score(rng.permutation(codes)) for _ in range(times)]))
    return corrected(score(codes), chance, ceiling)


def corrected(score: float, chance: float, ceiling: float | None) -> float:
    """(score - chance) / (ceiling - chance), as in Cohen's kappa; 0 where chance reaches the ceiling."""
    if ceiling is None:
        return score - chance
    room = ceiling - chance
    return (score - chance) / room if room > 1e-9 * max(abs(ceiling), abs(chance)) else 0.0
