import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.shrinkage import SpectralShrinkage

MODEL = nn.Sequential(nn.Identity(), nn.Identity())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 9), st.integers(4, 9), st.integers(1, 3))
def test_agrees_with_the_eigenvalues_of_the_gram_matrix(seed, n, d, smallest):
    features = np.random.default_rng(seed).normal(size=(n, d))
    gram = features @ features.T if n <= d else features.T @ features
    by_hand = np.linalg.eigvalsh(gram)[:smallest].sum()
    term = SpectralShrinkage("0", smallest=smallest)
    assert term(Batch(torch.from_numpy(features)), MODEL).item() == pytest.approx(by_hand, rel=1e-3, abs=1e-4)


def test_the_gradient_shrinks_the_least_direction_alone():
    """dσ²/dF = 2 σ u vᵀ; with a diagonal matrix only the least entry moves."""
    features = torch.diag(torch.tensor([3.0, 2.0, 0.5])).requires_grad_(True)
    SpectralShrinkage("0")(Batch(features), MODEL).backward()
    assert torch.allclose(features.grad, torch.diag(torch.tensor([0.0, 0.0, 1.0])), atol=1e-5)


def test_maps_and_tokens_are_averaged():
    maps, tokens = torch.randn(6, 4, 3, 3), torch.randn(6, 7, 4)
    term = SpectralShrinkage("0")
    assert torch.equal(term(Batch(maps), MODEL), term(Batch(maps.flatten(2).mean(2)), MODEL))
    assert torch.equal(term(Batch(tokens), MODEL), term(Batch(tokens.mean(1)), MODEL))


def test_misuse():
    with pytest.raises(ValueError, match="smallest"):
        SpectralShrinkage("0", smallest=0)
    with pytest.raises(DataError, match="a batch of 1 rows of 5 features has 1 singular values"):
        SpectralShrinkage("0")(Batch(torch.randn(1, 5)), MODEL)
