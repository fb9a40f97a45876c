"""Each null baseline against what it must be by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from headstart.arrays import Matrix
from headstart.backbones.opening import open_backbone
from headstart.data.reading import read
from headstart.data.samples import VectorRows
from headstart.features.store import Store
from headstart.heads.ridge import Ridge
from headstart.models.feature_map import FeatureMap
from headstart.models.member import Member
from headstart.models.model import Model
from headstart.problem import Task
from headstart.strategies import nulls
from headstart.strategies.ground import Ground
from headstart.strategies.source_network import SourceNetwork

from .worlds import blobs, ground_of


def test_the_majority_is_the_share_of_the_largest_class() -> None:
    data = blobs(400)
    labels = (np.random.default_rng(0).random(400) < 0.2).astype(np.int64)
    ground = ground_of(replace(data, labels=labels))
    entry = nulls.majority(ground)
    assert entry.test_score(ground).value == pytest.approx((labels[ground.test] == 0).mean())
    assert np.nanmean(entry.runs) == pytest.approx((labels[ground.train] == 0).mean())


@pytest.mark.parametrize("dense", [True, False])
def test_raw_input_learns_what_is_linear(dense: bool, tmp_path: object) -> None:
    data = blobs(300, apart=4.0)
    if not dense:
        data = replace(data, items=VectorRows(sparse.csr_matrix(data.items.matrix)))  # type: ignore[attr-defined]
    ground = ground_of(data)
    entry = nulls.raw_input(ground, store=Store())
    assert entry.kind == "raw input"
    assert entry.test_score(ground).value > 0.95
    assert sparse.issparse(entry.map.matrix(data)) is not dense


class Oracle:
    """A source network that knows three classes and is always right."""

    def __init__(self, ground: Ground, classes: tuple[str, ...]) -> None:
        self.task, self.ground = Task(classes), ground
        self.backbone = type("Nothing", (), {"name": "oracle", "layers": ("pool",), "state": dict})()

    def proba(self, dataset: object) -> Matrix:
        names = [self.ground.dataset.task.classes[code] for code in dataset.labels]  # type: ignore[attr-defined]
        return np.eye(len(self.task.classes))[[self.task.code(name) for name in names]]

    def head_for(self, task: Task) -> None:
        return None


def test_a_source_that_knows_the_classes_is_asked_in_the_targets_order() -> None:
    ground = ground_of(blobs(120))
    network = Oracle(ground, ("class 1", "something else", "class 0"))
    entry = nulls.source_only(ground, network)  # type: ignore[arg-type]
    assert entry is not None
    assert np.nanmean(entry.runs) == 1.0  # 120 rows are too few to hold any out
    assert np.allclose(entry.validation.sum(axis=1), 1)


def test_a_source_that_lacks_a_class_has_no_answer_as_it_is() -> None:
    ground = ground_of(blobs(120))
    network: SourceNetwork = Oracle(ground, ("class 0", "other"))  # type: ignore[assignment]
    assert nulls.source_only(ground, network) is None


def test_a_saved_model_is_asked_as_it_is_where_it_knows_the_classes() -> None:
    data = blobs(120, apart=4.0)
    ground = ground_of(data)  # 120 rows are too few to hold any out
    feature_map = FeatureMap(open_backbone("raw", modality="vector"), ("pool",))
    head = Ridge().fit(feature_map.matrix(data), data.labels)
    model = Model((Member(feature_map, head),), data.task, data.domain, temperature=3.0)
    entry = nulls.model_as_it_is(ground, model, name="earlier", store=Store())
    assert entry is not None and entry.kind == "source only" and entry.test.shape == (0, 2)
    right = [one.label == data.task.classes[code] for one, code in zip(model.predict(data), data.labels, strict=True)]
    assert np.nanmean(entry.runs) == pytest.approx(np.mean(np.array(right)[ground.train]))
    others = replace(model, task=Task(("class 0", "other")))
    assert nulls.model_as_it_is(ground, others, name="other", store=Store()) is None


def test_the_untrained_twin_is_the_same_network_without_its_weights() -> None:
    trained = open_backbone("conv", size=8, channels=1, width=8, seed=5)
    rng = np.random.default_rng(0)
    pictures = read((rng.integers(0, 255, (60, 8, 8), dtype=np.uint8), ["a", "b"] * 30))
    ground = ground_of(pictures)
    twin = nulls.untrained_twin([trained], ground)
    assert twin is not None and twin.fingerprint != trained.fingerprint
    assert {k: v.shape for k, v in twin.state().items()} == {k: v.shape for k, v in trained.state().items()}
    assert nulls.random_weights(ground, twin, store=Store()).kind == "random weights"
    small = nulls.untrained_twin([], ground)
    assert small is not None and small.modality == "image"
    assert nulls.untrained_twin([], ground_of(blobs(60))) is None
