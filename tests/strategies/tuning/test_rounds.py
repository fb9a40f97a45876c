"""The round that is kept is the one whose held-out rows are told best, once confidence is put right."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.strategies.tuning.looks import Curve
from headstart.strategies.tuning.recipe import TuningRecipe
from headstart.strategies.tuning.rounds import (
    Patience,
    best_round,
    calibrated_loss,
    calibrated_losses,
    losses_by_round,
    way_of,
)

LABELS = np.arange(40) % 2


def logits(right: float, *, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    """Scores of which about a share `right` names the label."""
    rng = np.random.default_rng(seed)
    told = np.where(rng.random(40) < right, LABELS, 1 - LABELS)
    return (scale * (2 * np.eye(2)[told] - 1)).astype(np.float32)


@pytest.mark.parametrize("recipe", [TuningRecipe(), TuningRecipe(epochs=5)])
@pytest.mark.parametrize("n", [10, 700])
def test_the_earlier_a_run_ends_the_less_it_is_trusted(recipe, n) -> None:
    rounds = -(-recipe.steps(n) // recipe.steps_per_round(n))
    ways = [way_of(recipe, n, rounds=number) for number in range(rounds + 1)]
    assert ways[0] == 0.5 and ways[-1] == 1.0 and ways == sorted(set(ways))


def test_confidence_alone_changes_nothing() -> None:
    assert calibrated_loss(logits(0.8), LABELS) == pytest.approx(
        calibrated_loss(logits(0.8, scale=50.0), LABELS), abs=1e-6
    )


def test_the_best_round_is_the_most_right_and_the_earliest_of_equals() -> None:
    curve = Curve(np.stack([logits(0.6), logits(0.9), logits(0.9, scale=9.0), logits(0.7)]), (1.0, 1.0, 1.0))
    assert best_round([curve], [LABELS]) in (1, 2)
    still = Curve(np.stack([logits(0.8)] * 3), (1.0, 1.0))
    assert best_round([still], [LABELS]) == 0
    assert best_round([still], [LABELS], least=1) == 1


def test_training_must_gain_more_than_chance() -> None:
    """The same gain in accuracy on 40 rows, and on 400: only the second is shown."""
    before, after = logits(0.75, seed=3), logits(0.75, seed=3)
    wrong = before.argmax(axis=1) != LABELS
    changed = np.concatenate([np.flatnonzero(wrong)[:3], np.flatnonzero(~wrong)[:2]])  # three mended, two spoilt
    after[changed] = after[changed, ::-1]
    one_more = Curve(np.stack([before, after]), (1.0,))
    gain = calibrated_losses(before, LABELS) - calibrated_losses(after, LABELS)
    assert 0 < gain.mean() < gain.std() / np.sqrt(40)
    assert best_round([one_more], [LABELS]) == 0
    assert best_round([one_more], [LABELS], least=1) == 1
    assert best_round([one_more] * 10, [LABELS] * 10) == 1


def test_a_run_that_stopped_early_stays_as_it_was() -> None:
    long, short = Curve(np.stack([logits(0.6)] * 4), (1.0,) * 3), Curve(np.stack([logits(0.7)] * 2), (1.0,))
    losses = losses_by_round([long, short], [LABELS, LABELS])
    assert losses.shape == (4,) and losses == pytest.approx(losses[0])


def test_patience_ends_after_so_many_rounds_without_gain() -> None:
    patience = Patience(LABELS, rounds=2)
    better, worse = logits(0.9), logits(0.5)
    assert not patience([worse, better, worse])
    assert patience([worse, better, worse, worse])
