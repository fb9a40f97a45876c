import numpy as np
import torch

from headstart.strategies.vector_learner import VectorLearner


def test_columns_are_standardised_by_the_fitted_rows_alone(vectors):
    learner = VectorLearner(vectors())
    inputs = torch.stack(learner.samples(np.arange(20)))
    module = learner.open(inputs, 3, width=4, seed=0).module
    standardised = module.get_submodule("standardise")(inputs)
    assert torch.allclose(standardised.mean(0), torch.zeros(6), atol=1e-4)
    assert torch.allclose(standardised.std(0, correction=0), torch.ones(6), atol=1e-4)
