"""The public door to a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.errors import DataError, UnknownName
from headstart.jobs.planning import strongest_first, write
from headstart.planning.plan import Plan, load_plan
from headstart.selection.prior import strength


def rows(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    return rng.normal(size=(n, 5)) + 3 * labels[:, None], np.where(labels, "yes", "no")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return hs.plan(rows(), backbones=["mlp?inputs=5"], store=hs.Store(tmp_path_factory.mktemp("store")))


def test_a_plan_names_what_was_probed(made: Plan) -> None:
    assert made.n_classes == 2
    assert {option.strategy for option in made.options} >= {"frozen", "scratch", "target only"}
    assert "Do this:" in str(made)


def test_written_as_json_or_as_a_picture(made: Plan, tmp_path: Path) -> None:
    assert load_plan(write(made, tmp_path / "plan.json")).to_dict() == made.to_dict()
    assert "<svg" in write(made, tmp_path / "plan.html").read_text(encoding="utf-8")


def test_what_does_not_open_is_left_out_with_its_reason(tmp_path: Path) -> None:
    broken = "timm/mobilenetv2_100?checkpoint=missing.safetensors"
    labels = np.arange(60) % 2
    pictures = np.random.default_rng(0).integers(0, 99, (60, 8, 8)).astype(np.uint8)
    pictures[labels == 1, 2:6] += 100
    plan = hs.plan((pictures, labels), backbones=[broken], store=hs.Store(tmp_path), racing=False)
    assert any("mobilenetv2_100" in note and "left out" in note for note in plan.notes)
    assert plan.option.strategy in ("scratch", "target only")
    with pytest.raises(UnknownName):
        hs.plan(rows(), backbones=["mpl?inputs=5"], store=hs.Store(tmp_path))


def test_misuse_is_named(tmp_path: Path) -> None:
    store = hs.Store(tmp_path)
    X, y = rows()
    with pytest.raises(DataError, match="no duration"):
        hs.plan((X, y), budget="soon", store=store)
    with pytest.raises(DataError, match="class"):
        hs.plan((X, np.full(len(X), "same")), store=store)


def test_equal_rows_are_no_data(tmp_path: Path) -> None:
    X, y = rows()
    with pytest.raises(DataError, match="nothing to learn from"):
        hs.plan((np.ones_like(X), y), backbones=["mlp?inputs=5"], store=hs.Store(tmp_path), racing=False)


def test_the_strongest_by_public_figures_comes_first() -> None:
    raw = hs.open_backbone("raw", modality="image")
    names = ("timm/resnet18.a1_in1k", "timm/convnext_large.fb_in1k", "timm/convnext_atto.d2_in1k")
    stand_ins = [raw.named(name) for name in names]
    order = [each.name for each in strongest_first(stand_ins)]
    assert order == sorted(names, key=lambda name: -(strength(name, "image") or 0))
    unknown = raw.named("timm/resnet18", {"checkpoint": "mine.safetensors"})
    assert strongest_first([stand_ins[0], unknown, stand_ins[1]]) == [stand_ins[0], unknown, stand_ins[1]]
