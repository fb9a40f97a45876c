"""Accuracy on the target without its labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.diagnosis.foretelling import Expected, agreement, foretell
from headstart.diagnosis.harm import held_out_answers
from headstart.diagnosis.labels import HeldOut
from headstart.diagnosis.sampling import Sample, sample_of

from .pairs import pair


def world(scale: float = 1.0, **changes: object) -> tuple[Sample, HeldOut, float]:
    source, target = pair(1500, **changes)
    target = replace(target, X=target.X * scale)
    sample = sample_of(source, target, (np.arange(1500), np.arange(1500)))
    rng = np.random.default_rng(0)
    held = held_out_answers(*_known(sample), sample.mapped[1], n_classes=2, groups=None, rng=rng)
    return sample, held, float((held.target.argmax(1) == target.labels).mean())


def _known(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    return sample.mapped[0], sample.sides[0].labels


def told(sample: Sample, held: HeldOut) -> Expected:
    return foretell(sample, held, None, rng=np.random.default_rng(1))


def test_it_is_right_where_nothing_differs() -> None:
    sample, held, truth = world()
    expected = told(sample, held)
    assert expected.target == pytest.approx(truth, abs=0.03)
    assert expected.by_confidence == pytest.approx(truth, abs=0.03)
    assert abs(expected.loss) < 0.03


def test_harder_rows_are_foretold_as_harder() -> None:
    easy, hard = (told(*world(scale=scale)[:2]) for scale in (1.0, 0.2))
    assert hard.by_confidence < easy.by_confidence - 0.1


def test_agreement_falls_where_the_heads_were_never_trained() -> None:
    near = agreement(*world()[:2], rng=np.random.default_rng(1))
    rng = np.random.default_rng(5)
    sample, held, _ = world()
    noise = rng.standard_normal(sample.mapped[1].shape) * 0.05  # around the centre, where every head is unsure
    strange = replace(sample, mapped=(sample.mapped[0], noise))
    away = agreement(strange, held, rng=np.random.default_rng(1))
    assert near[0] - near[1] < 0.03
    assert away[0] - away[1] > 0.03


def test_other_labels_at_the_same_x_are_invisible_to_it() -> None:
    sample, held, truth = world(concept=True)
    assert told(sample, held).target > truth + 0.1
