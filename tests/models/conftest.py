"""A small world of vectors and a model learned in it."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.heads.lda import LDA
from headstart.models.feature_map import FeatureMap
from headstart.models.member import Member
from headstart.models.model import Model


@pytest.fixture
def rows() -> Dataset:
    """Three well separated classes in four columns."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    X = rng.standard_normal((90, 4)) + 4 * np.eye(3, 4)[labels]
    return read((X, np.array(["low", "mid", "high"])[labels]))


@pytest.fixture
def model(rows: Dataset) -> Model:
    """The raw input under a linear discriminant, with probabilities cooled down."""
    feature_map = FeatureMap(open_backbone("raw", modality="vector"), ("pool",))
    head = LDA().fit(feature_map.matrix(rows), rows.labels)
    return Model((Member(feature_map, head),), rows.task, rows.domain, temperature=1.5)
