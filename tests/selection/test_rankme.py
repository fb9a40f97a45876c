"""RankMe against numpy's singular values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from headstart.selection.rankme import effective_rank
from headstart.stats.spectrum import Spectrum


@pytest.mark.parametrize("shape", [(40, 9), (20, 50)])
def test_is_the_entropy_of_singular_values(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(0).normal(size=shape) * np.linspace(1, 3, shape[1])
    values = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    assert effective_rank(Spectrum.of(X)) == pytest.approx(np.exp(entropy(values)), rel=1e-3)
    assert effective_rank(Spectrum.of(np.ones(shape))) == 0.0
