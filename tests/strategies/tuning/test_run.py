"""A run learns, is the same twice, and goes on where it was stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart.errors import TrainingError
from headstart.strategies.tuning.looks import RoundCheckpoint
from headstart.strategies.tuning.run import logits_of, tune


def run(tuner, ground, **options):
    fit, watch = ground.split.folds[0]
    model = tuner.start(fit)
    curve = tune(
        model, tuner.inputs, fit, tuner.labels(fit), **{"recipe": tuner.recipe, "watch": watch, "seed": 0, **options}
    )
    return model, curve, watch


def test_it_learns_what_the_frozen_features_do_not_show(tuner, ground) -> None:
    _, curve, watch = run(tuner, ground)
    right = (curve.logits.argmax(axis=2) == ground.labels[watch]).mean(axis=1)
    assert curve.rounds == 12 and len(right) == 13
    assert right[-1] > right[0] + 0.1


def test_it_ends_after_the_rounds_asked_for_or_when_told_to(tuner, ground) -> None:
    whole = run(tuner, ground)[1]
    short = run(tuner, ground, rounds=3)[1]
    stopped = run(tuner, ground, stop=lambda looks: len(looks) == 4)[1]
    assert np.array_equal(short.logits, whole.logits[:4]) and np.array_equal(stopped.logits, short.logits)
    assert run(tuner, ground, rounds=0)[1].rounds == 0


@pytest.mark.parametrize("wise", [1.0, 0.6])
def test_stopped_and_started_again_it_ends_with_the_same_bits(tuner, ground, tmp_path, wise) -> None:
    recipe = replace(tuner.recipe, wise=wise)
    whole, curve, watch = run(tuner, ground, recipe=recipe, rounds=6)

    class Stopped(RoundCheckpoint):
        def commit(self, looks) -> None:
            super().commit(looks)
            if len(looks.losses) == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tuner, ground, recipe=recipe, rounds=6, checkpoint=Stopped(tmp_path / "run", run="x"))
    beside = RoundCheckpoint(tmp_path / "run", run="x")
    resumed, again, _ = run(tuner, ground, recipe=recipe, rounds=6, checkpoint=beside)
    assert np.array_equal(again.logits, curve.logits) and again.losses == pytest.approx(curve.losses)
    assert np.array_equal(logits_of(resumed, tuner.inputs, watch), logits_of(whole, tuner.inputs, watch))


def test_a_rate_that_diverges_is_named(tuner, ground) -> None:
    wild = replace(tuner.recipe, lr=1e12, optimizer="sgd")
    with pytest.raises(TrainingError, match="learning rate"):
        run(tuner, ground, recipe=wild)


def test_no_rows_give_no_logits(tuner, ground) -> None:
    model = tuner.start(ground.train)
    assert logits_of(model, tuner.inputs, ground.train[:0]).shape == (0, 2)
    assert not model.training and isinstance(model.head.weight, torch.nn.Parameter)


def test_looking_at_rows_of_like_cost_together_gives_each_its_own_logits(tuner, ground, monkeypatch) -> None:
    model, watch = tuner.start(ground.train), ground.split.folds[0][1]
    in_order = logits_of(model, tuner.inputs, watch)
    lengths = np.random.default_rng(0).integers(1, 9, len(watch))
    monkeypatch.setattr(tuner.inputs, "costs", lambda rows: lengths)
    assert np.allclose(logits_of(model, tuner.inputs, watch), in_order, atol=1e-6)


def test_part_of_the_way_is_between_start_and_end(tuner, ground) -> None:
    start, end = tuner.start(ground.split.folds[0][0]), run(tuner, ground, rounds=2)[0]
    middle, curve, watch = run(tuner, ground, rounds=2, recipe=replace(tuner.recipe, wise=0.5))
    for name, weight in middle.state_dict().items():
        expected = 0.5 * (start.state_dict()[name] + end.state_dict()[name])
        assert torch.allclose(weight, expected, atol=1e-6)
    assert np.allclose(curve.logits[-1], logits_of(middle, tuner.inputs, watch), atol=1e-5)
