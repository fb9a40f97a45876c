"""A plan is carried out to the letter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.backbones.mlp import open_mlp
from headstart.errors import PlanError
from headstart.jobs.executing import Orders, orders_of, planned_entry
from headstart.models.feature_map import FeatureMap
from headstart.models.member import Member
from headstart.planning.constraints import Constraints
from headstart.planning.plan import Plan

from ..planning.worlds import blobs, ground_of, made_plan
from ..strategies.worlds import entry_with


def test_a_plan_decides_alone(tmp_path: Path) -> None:
    plan = made_plan()
    assert orders_of(plan, {"layers": None, "strategy": ""}).plan is plan
    assert orders_of(plan.save(tmp_path / "plan.json"), {}).option == plan.option
    with pytest.raises(PlanError, match="the plan decides layers"):
        orders_of(plan, {"backbones": None, "layers": ["pool"]})


def test_it_names_what_transfer_takes() -> None:
    found = Orders(made_plan())
    assert (found.strategy, found.layers) == ("frozen", ("a", "b"))
    alone = Orders(replace(made_plan(), chosen=3))
    assert (alone.strategy, alone.layers) == ("scratch", None)


def test_other_data_are_refused_and_other_rows_are_said() -> None:
    ground = ground_of(blobs(100))
    with pytest.raises(PlanError, match="image samples; these are vector"):
        Orders(made_plan()).backbones(ground.dataset)
    with pytest.raises(PlanError, match="3 classes; these data have 2"):
        Orders(replace(made_plan(), modality="vector")).backbones(ground.dataset)
    assert "not those" in Orders(made_plan()).notes(ground)[0]
    assert Orders(replace(made_plan(), split=ground.split.digest)).notes(ground) == []


def test_what_was_not_computed_is_an_error() -> None:
    with pytest.raises(PlanError, match="could not be computed"):
        planned_entry(made_plan().option, [])


def test_a_mixture_keeps_to_the_limits_of_the_plan_with_all_its_networks() -> None:
    networks = [open_mlp(inputs=6, seed=seed) for seed in (0, 1)]
    one = sum(tensor.numel() for tensor in networks[0].state().values())
    members = tuple(Member(FeatureMap(each, ("pool",)), None, 0.5) for each in networks)
    mixed = replace(entry_with(ground_of(blobs(100)), np.arange(3), kind="mixture"), members=members)

    def allowed(**limits: object) -> bool:
        return Orders(replace(made_plan(), constraints=Constraints(**limits))).allows(mixed)

    assert allowed() and allowed(max_params=2 * one, license=("apache",))
    assert not allowed(max_params=2 * one - 1)
    assert not allowed(license=("mit",))


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(240) % 3
    return rng.normal(size=(240, 6)) + 2.5 * np.eye(6)[labels], labels.astype(str)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> hs.Store:
    return hs.Store(tmp_path_factory.mktemp("store"))


def planned(data: tuple[np.ndarray, np.ndarray], store: hs.Store, strategy: str) -> Plan:
    made = hs.plan(data, backbones=["mlp?inputs=6"], store=store, racing=False)
    place = next(at for at, option in enumerate(made.options) if option.strategy == strategy)
    return replace(made, chosen=place)


@pytest.mark.parametrize("strategy", ["frozen", "target only"])
def test_what_is_planned_is_done_and_certified(
    data: tuple[np.ndarray, np.ndarray], store: hs.Store, strategy: str
) -> None:
    plan = planned(data, store, strategy)
    result = hs.transfer(data, plan=plan, store=store, quiet=True)
    found = result.findings.certificate
    assert found is not None
    assert found.planned == plan.option.name
    assert found.n == 180
    kinds = {entry.kind for entry in result.findings.entries}
    assert {"from scratch", "raw input"} <= kinds
    if strategy == "frozen":
        frozen = [entry for entry in result.findings.entries if entry.kind == "frozen features"]
        assert [entry.layer for entry in frozen] == [", ".join(plan.option.layers)]
    assert "measured on" in result.model.pages["README.md"]
    assert "certificate" in result.report
    with pytest.raises(PlanError, match="decides backbones"):
        hs.transfer(data, plan=plan, backbones=["mlp?inputs=6"], store=store, quiet=True)


def test_fine_tuning_is_carried_out(data: tuple[np.ndarray, np.ndarray], store: hs.Store) -> None:
    plan = planned(data, store, "finetune")
    result = hs.transfer(data, plan=plan, store=store, quiet=True)
    tuned = [entry for entry in result.findings.entries if entry.kind == "fine-tuned"]
    assert len(tuned) == 1
    assert result.findings.certificate is not None
