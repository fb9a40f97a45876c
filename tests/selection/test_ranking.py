"""A ranking in words: leaders as a set, cheapest first; the rest behind; profiles of layers."""

from __future__ import annotations

import json

import numpy as np

from headstart.selection.cascade import Cascade, Scored
from headstart.selection.limits import Size
from headstart.selection.metric import Measurement
from headstart.selection.posterior import Belief
from headstart.selection.ranking import Ranking, profiles, ranking_of
from headstart.selection.tap import Tap


def scored(name: str, layer: str, value: float, dropped: str = "") -> Scored:
    return Scored(name, Tap((layer,)), {"ridge_loo": Measurement(value, 0.02)}, 100, None, dropped)


def ranked() -> Ranking:
    first = [
        scored("big", "low", 0.6),
        scored("big", "top", 0.9),
        scored("small", "top", 0.89),
        scored("bad", "x", 0.3),
    ]
    run = Cascade(first[:3], [scored("bad", "x", 0.3, "0.6 behind (9 SE) on 100 rows")], first)
    rng = np.random.default_rng(0)
    mean = np.array([0.6, 0.9, 0.89])
    return ranking_of(
        run, Belief(mean, mean + 0.02 * rng.standard_normal((500, 3))), title="photos", by="kit", n_classes=2,
        strengths={"big": 1.0, "small": None}, sizes={"big": Size(bytes=9), "small": Size(bytes=1, params=2_000_000)},
        licenses={"big": "mit"}, skipped={"timm/x?checkpoint=deep/folder/x.bin": "no such file"},
    )  # fmt: skip


def test_leaders_are_a_set_and_the_cheapest_stands_first() -> None:
    found = ranked()
    assert [place.backbone for place in found.leaders] == ["small", "big"]
    assert found.best.backbone == "small"
    assert [place.name for place in found.places] == ["small · top", "big · top", "big · low", "bad · x"]
    assert found.verdict == "2 lead and cannot be told apart on 100 rows of 2 classes; the cheapest is small · top."


def test_the_table_shows_every_backbone_once_and_says_what_is_left_out() -> None:
    text = str(ranked())
    assert "* small · top" in text
    assert "* big · top" in text
    assert "  bad · x" in text
    assert "left behind: 0.6 behind (9 SE)" in text
    assert "… and 1 more layers" in text
    assert "skipped  timm/x?checkpoint=…/x.bin: no such file" in text
    assert "strength +1.0" in text


def test_layer_profiles_run_from_input_to_output() -> None:
    assert ranked().profiles == {"big": (("low", 0.6, 0.02), ("top", 0.9, 0.02))}
    assert profiles([scored("one", "top", 0.5)], "ridge_loo") == {}


def test_json_holds_all_of_it() -> None:
    found = json.loads(json.dumps(ranked().to_dict()))
    assert found["places"][0]["leader"] is True
    assert found["places"][3]["dropped"]
    assert found["places"][0]["scores"] == {"ridge_loo": 0.89}
