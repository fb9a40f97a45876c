"""The plan as a value and as a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.errors import PlanError
from headstart.planning.plan import Plan, load_plan


def test_a_plan_survives_its_file(plan: Plan, tmp_path: Path) -> None:
    again = load_plan(plan.save(tmp_path / "plan.json"))
    assert again.to_dict() == plan.to_dict()
    assert again.option == plan.option
    assert again.constraints == plan.constraints


def test_a_file_is_read_to_the_letter(plan: Plan, tmp_path: Path) -> None:
    file = plan.save(tmp_path / "plan.json")
    values = json.loads(file.read_text())
    values["options"][0]["mvoe"] = "all"
    file.write_text(json.dumps(values))
    with pytest.raises(PlanError, match=r"plan.options\[0\]: Unknown key 'mvoe'. Did you mean 'move'"):
        load_plan(file)
    file.write_text("{")
    with pytest.raises(PlanError, match="not JSON"):
        load_plan(file)
    with pytest.raises(PlanError, match="headstart plan DATA"):
        load_plan(tmp_path / "none.json")
    with pytest.raises(PlanError, match="format 9"):
        Plan.from_dict({**plan.to_dict(), "format": 9})


def test_what_is_taken_must_be_there_and_allowed(plan: Plan) -> None:
    with pytest.raises(PlanError, match="chosen=7"):
        replace(plan, chosen=7)
    with pytest.raises(PlanError, match="refused: too large"):
        replace(plan, chosen=4)


def test_names_say_what_is_done(plan: Plan) -> None:
    names = [option.name for option in plan.options]
    assert names[:3] == ["frozen · timm/<b>net · a…b", "fine-tune last2 · timm/<b>net", "from scratch"]
