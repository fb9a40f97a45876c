"""The cascade: what is clearly behind goes early, what cannot be had is skipped, the rest meets on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from headstart.errors import BackboneError
from headstart.selection.cascade import Scored, cascade, contributions, on_halves, paired_error
from headstart.selection.labelled import LabelledFeatures
from headstart.selection.logme import LogME
from headstart.selection.metric import Measurement
from headstart.selection.tap import Tap

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]
STRENGTHS = {"strong": 1.4, "fair": 1.2, "weak": 0.1}


@pytest.fixture
def features_of(world: Builder) -> Callable[[str, np.ndarray], Mapping[Tap, LabelledFeatures]]:
    matrices = {name: world(400, 30, 3, apart=apart) for name, apart in STRENGTHS.items()}

    def build(name: str, rows: np.ndarray) -> Mapping[Tap, LabelledFeatures]:
        if name == "broken":
            raise BackboneError("no weights\nfor this one")
        X, y = matrices[name]
        return {Tap((layer,)): LabelledFeatures.of(scale * X[rows], y[rows]) for layer, scale in (("a", 1), ("b", 2))}

    return build


@pytest.mark.parametrize("metric", ["ridge_loo", "logme"])
def test_drops_what_is_clearly_behind(features_of: Callable[..., object], metric: str) -> None:
    samples = [np.arange(120), np.arange(400)]
    run = cascade([*STRENGTHS, "broken"], features_of, samples, metrics=(metric,))
    assert run.skipped == {"broken": "no weights for this one"}
    dropped = {(each.backbone, each.tap.layers, each.n) for each in run.dropped}
    assert {("weak", ("a",), 120), ("weak", ("b",), 120)} <= dropped
    assert "behind" in run.dropped[0].dropped
    assert {each.backbone for each in run.scored} >= {"strong"}
    assert {each.n for each in run.scored} == {400}
    assert len(run.first) == 6


def test_one_sample_drops_nothing(features_of: Callable[..., object]) -> None:
    run = cascade(list(STRENGTHS), features_of, [np.arange(200)], metrics=("ridge_loo", "logme"))
    assert not run.dropped
    assert run.scored == run.first
    assert set(run.scored[0].measured) == {"ridge_loo", "logme"}


def test_halves_spread_as_new_samples_do(world: Builder) -> None:
    """The spread over halves of one sample against the spread over samples."""
    fresh = [LogME().measure(LabelledFeatures.of(*_drawn(seed))).value for seed in range(60)]
    spreads = [on_halves(LabelledFeatures.of(*_drawn(seed)), "logme").std(ddof=1) for seed in range(8)]
    assert np.mean(spreads) == pytest.approx(np.std(fresh), rel=0.4)


def _drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 200)
    return np.eye(3, 10)[y] + rng.normal(size=(200, 10)), y


def test_paired_errors() -> None:
    first, second = np.array([1.0, 0, 1, 1]), np.array([1.0, 1, 1, 0])
    assert paired_error(first, second, halves=False) == pytest.approx(np.std([0, -1, 0, 1], ddof=1) / 2)
    assert paired_error(first, second, halves=True) == pytest.approx(np.std([0, -1, 0, 1], ddof=1))
    assert paired_error(first[:1], second[:1], halves=False) == 0
    halves = np.array([1.0, np.nan, 2.0])
    one = Scored("a", Tap(("pool",)), {"logme": Measurement(1.0)}, 10, halves)
    parts, are_halves = contributions([one, one], "logme")
    assert are_halves
    assert parts.tolist() == [[1, 1], [2, 2]]  # a half that could not be scored counts for nobody
