"""What was planned is delivered, unless it hurts; and the certificate says at how many labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.backbones.mlp import open_mlp
from headstart.models.feature_map import FeatureMap
from headstart.strategies.guard import certificate, guard

from .worlds import blobs, entry_with, ground_of

GROUND = ground_of(blobs(400))
MAP = FeatureMap(open_mlp(inputs=5), ("pool",))


def entry(errors: int, kind: str = "frozen features", name: str = "entry"):
    """Wrong on the first so many training rows; deliverable."""
    return replace(entry_with(GROUND, np.arange(errors), kind=kind, name=name), map=MAP)


def test_what_was_planned_is_delivered() -> None:
    planned = entry(30)
    found = guard(planned, [entry(60, "from scratch"), entry(30, "raw input"), planned])
    assert found.kept is planned
    assert found.reason == ""


def test_within_noise_the_plan_stands() -> None:
    planned = entry(30)
    assert guard(planned, [entry(30, "from scratch"), replace(entry(30, "raw input"), name="same")]).kept is planned


def test_a_baseline_that_is_ahead_is_delivered_instead() -> None:
    scratch, raw = entry(10, "from scratch", "scratch"), entry(5, "raw input", "raw")
    found = guard(entry(60, name="planned"), [scratch, raw])
    assert found.kept is raw
    assert "raw is +18.3 points ahead" in found.reason
    assert "planned" in found.reason


def test_what_cannot_be_delivered_replaces_nothing() -> None:
    planned = entry(60)
    assert guard(planned, [replace(entry(5, "majority"), map=None)]).kept is planned


def test_the_certificate_names_gain_and_number() -> None:
    planned, scratch, raw = entry(30), entry(90, "from scratch"), entry(60, "raw input")
    found = certificate(planned, [planned, scratch, raw], GROUND, planned="frozen · net")
    assert found.n == len(GROUND.train)
    assert found.measured_on == "held-out rows"
    assert found.rows == len(GROUND.test)
    assert found.over_scratch is not None
    assert found.over_scratch.value == pytest.approx(0)  # entries of this world never err on held-out rows
    assert found.worst is not None
    assert found.worst.value == pytest.approx(30 / len(GROUND.train))
    assert certificate(raw, [raw], GROUND).over_target_only is None
    assert "frozen · net" in str(found)
