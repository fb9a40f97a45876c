"""A plan from end to end on small worlds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.mlp import open_mlp
from headstart.errors import PlanError
from headstart.features.store import Store
from headstart.planning.constraints import Constraints
from headstart.planning.planner import Planned, make_plan

from .worlds import blobs, ground_of

COLUMNS = {"text": None, "image": None, "label": None, "group": None}


def planned(tmp_path: Path, data, *, limits: Constraints | None = None, **options: object) -> Planned:
    network = open_mlp(inputs=6, width=16)
    return make_plan(
        ground_of(data), [network], constraints=limits or Constraints(), store=Store(tmp_path), columns=COLUMNS,
        **options,
    )  # fmt: skip


def test_everything_stands_in_it_and_it_is_the_same_tomorrow(tmp_path: Path) -> None:
    found = planned(tmp_path, blobs(160, classes=3, apart=6.0))
    plan = found.plan
    assert {option.strategy for option in plan.options} == {"frozen", "finetune", "scratch", "target only"}
    assert plan.n_train == 160
    assert plan.cell is not None
    assert [point.layer for point in plan.profile] == ["layer1", "pool"]
    assert plan.curve[-1].n == 160
    assert found.passes["features"] == 160
    again = planned(tmp_path, blobs(160, classes=3, apart=6.0)).plan
    timed = {"probing_seconds", "options"}
    assert {k: v for k, v in again.to_dict().items() if k not in timed} == {
        k: v for k, v in plan.to_dict().items() if k not in timed
    }
    assert again.option.name == plan.option.name


def test_random_features_are_not_preferred_to_the_data_itself(tmp_path: Path) -> None:
    """An untrained network loses what the columns say: the plan must not send anybody there."""
    rng = np.random.default_rng(0)
    data = blobs(300, classes=2, apart=0.0)
    X = rng.normal(size=(300, 6))
    X[:, 1:] *= 30  # loud columns that mean nothing drown the one that does
    data = replace(data, labels=(X[:, 0] > 0).astype(np.int64), items=type(data.items)(X))
    plan = planned(tmp_path, data).plan
    assert plan.option.strategy in ("target only", "scratch")
    assert any("transfer is not helping" in reason or "no transferred features do" in reason for reason in plan.reasons)


def test_a_race_is_run_where_the_kernel_abstains(tmp_path: Path) -> None:
    data = blobs(1400, classes=3, apart=1.0)
    raced = planned(tmp_path, data).plan
    scratch = next(option for option in raced.options if option.strategy == "scratch")
    assert scratch.evidence.startswith("race")
    few = planned(tmp_path, blobs(160, classes=3, apart=1.0)).plan
    assert not any(option.evidence.startswith("race") for option in few.options)
    assert any("no race: on" in note for note in few.notes)
    quiet = planned(tmp_path, data, racing=False).plan
    scratch = next(option for option in quiet.options if option.strategy == "scratch")
    assert scratch.accuracy is None
    assert "abstains" in scratch.abstained


def test_limits_are_kept_before_anything_is_computed(tmp_path: Path) -> None:
    found = planned(tmp_path, blobs(160, classes=3, apart=6.0), limits=Constraints(max_params=10))
    assert "features" not in found.passes
    assert found.plan.option.strategy in ("target only", "scratch")
    refused = [option for option in found.plan.options if option.refused]
    assert any("limit is 10" in option.refused for option in refused)
    with pytest.raises(PlanError, match="smallest that works"):
        planned(tmp_path, blobs(160, apart=6.0), limits=Constraints(budget=1e-9))
