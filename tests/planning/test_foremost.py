"""Which frozen option is taken, by hand-made evidence whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from headstart.planning.foremost import beyond_chance, foremost, usual_layers
from headstart.planning.foretold import Foretold

from .worlds import foretold

N = 40
LAYERS = ("a", "b", "c", "d", "pool")
SETS = [*((layer,) for layer in LAYERS), LAYERS]


def option(layer: str, explained: np.ndarray, *, backbone: str = "net", usual: bool = False, share: float = 0.8,
           strength: float | None = None) -> Foretold:  # fmt: skip
    right = (np.arange(len(explained)) < share * len(explained)).astype(float)
    made = foretold("frozen", right, r2=float(explained.mean()), backbone=backbone, layers=(layer,))
    return replace(made, explained=explained, usual=usual, strength=strength)


def noise(seed: int, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.5, 0.2, n)


@pytest.mark.parametrize(("modality", "usual"), [("image", ("pool",)), ("text", ("c",)), ("vector", LAYERS)])
def test_the_usual_layers(modality, usual: tuple[str, ...]) -> None:
    assert usual_layers(modality, SETS, LAYERS) == usual
    assert usual_layers(modality, [("low",)], LAYERS) == ("low",), "what somebody named"
    assert usual_layers(modality, [("pool",)], ("pool",)) == ("pool",)


def test_the_luckiest_layer_does_not_win() -> None:
    usual = option("pool", noise(0), usual=True)
    lucky = option("low", usual.explained + np.where(np.arange(N) % 2, 0.3, -0.27))  # ahead by .015, within noise
    assert lucky.r2 > usual.r2
    assert foremost([usual, lucky])[0] is usual
    clear = option("low", usual.explained + 0.1 + 0.01 * noise(1))
    assert foremost([usual, clear])[0] is clear


def test_between_backbones_the_larger_r2_decides_unless_the_weaker_is_within_noise() -> None:
    mild = np.where(np.arange(N) % 2, 0.3, -0.26)
    first = option("pool", noise(0), backbone="a", usual=True)
    second = option("pool", first.explained + mild, backbone="b", usual=True)
    assert foremost([first, second])[0] is second
    known = [replace(first, strength=1.0), replace(second, strength=-1.0)]
    found, why = foremost(known)
    assert found is known[0]
    assert "public figure" in why
    far = replace(option("pool", first.explained + 0.3, backbone="b", usual=True), strength=-1.0)
    assert foremost([known[0], far])[0] is far
    half_known = [replace(first, strength=1.0), second]
    assert foremost(half_known)[0] is second, "nothing is known of one of them"


def test_accuracy_that_is_ahead_beyond_chance_goes_first() -> None:
    best = option("low", noise(0), share=0.95)
    usual = option("pool", noise(0) + 0.1, usual=True, share=0.5)
    found, why = foremost([usual, best])
    assert found is best
    assert "beyond chance" in why


def test_beyond_chance_is_a_paired_t_test() -> None:
    for seed in range(20):
        a, b = noise(seed, 12), noise(seed + 100, 12) - 0.1
        expected = stats.ttest_rel(a, b, alternative="greater").pvalue < 0.025
        assert beyond_chance(option("low", a), option("pool", b)) == expected


def test_rows_of_one_group_count_once() -> None:
    a = option("low", np.repeat([0.6, 0.7, 0.45, 0.65], 25))
    b = option("pool", np.full(100, 0.5))
    groups = tuple(str(row // 25) for row in range(100))
    differences = (a.explained - b.explained)[::25]
    expected = stats.ttest_1samp(differences, 0, alternative="greater").pvalue < 0.025
    assert beyond_chance(a, b, groups) == expected
    assert beyond_chance(a, b) != expected, "the copies would have decided it"


def test_what_learned_nothing_is_taken_only_beyond_chance() -> None:
    mild = np.where(np.arange(N) % 2, 0.3, -0.26)
    taught = option("pool", noise(0), backbone="a", usual=True)
    lucky = replace(option("pool", taught.explained + mild, backbone="random", usual=True), taught=False)
    assert lucky.r2 > taught.r2
    assert foremost([taught, lucky])[0] is taught, "nothing is known of the taught one's strength either"
    far = replace(option("pool", taught.explained + 0.3, backbone="random", usual=True), taught=False)
    found, why = foremost([taught, far])
    assert found is far
    assert "beyond chance" in why
    assert foremost([lucky, far])[0] is far, "where nothing learned anything, the usual rule holds"
