"""Where a target falls in the lecture's matrix."""

from __future__ import annotations

import pytest

from headstart.planning.cell import Cell, cell_of

NAN = float("nan")


def cell(**values: object) -> Cell:
    usual = {"per_class": 100.0, "rise": 0.0, "r2": 0.8, "raw_r2": 0.1, "last_layer_leads": True, "taken": "frozen",
             "taken_name": "frozen · net"}  # fmt: skip
    return cell_of(**{**usual, **values})


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"rise": 0.1}, "small and similar"),
        ({"rise": 0.1, "raw_r2": 0.9}, "small and different"),
        ({}, "large and similar"),
        ({"last_layer_leads": False}, "large and different"),
        ({"rise": NAN, "per_class": 5.0}, "small and similar"),
        ({"rise": NAN, "per_class": 500.0}, "large and similar"),
        ({"r2": -0.2, "raw_r2": -0.4}, "large and different"),
    ],
)
def test_size_is_a_curve_and_similarity_a_foretelling(values: dict[str, object], name: str) -> None:
    assert cell(**values).name == name


def test_agreement_is_with_the_strategy_taken() -> None:
    assert cell(rise=0.1).agrees
    assert not cell().agrees  # the lecture fine-tunes here
    assert cell(taken="finetune").agrees
    assert "10.0 points" in cell(rise=0.1).words[0]
    assert "lower layer" in cell(last_layer_leads=False).words[1]
