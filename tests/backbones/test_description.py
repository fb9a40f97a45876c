"""Descriptions are plain and stand on their own."""

from __future__ import annotations

import json

from headstart.backbones.opening import open_backbone


def test_another_name_leaves_the_first_alone():
    backbone = open_backbone("conv?size=8")
    other = backbone.named("model/folder", {"x": 1}, reopens=False)
    assert (backbone.name, backbone.reopens) == ("conv", True)
    assert other.fingerprint == backbone.fingerprint
    assert other.describe() | {"name": "conv", "options": backbone.options, "reopens": True} == backbone.describe()


def test_changing_a_description_changes_nothing():
    backbone = open_backbone("tfidf?longest=1")
    before = json.dumps(backbone.describe())
    described = backbone.describe()
    described["options"]["longest"] = 9
    described["architecture_options"].clear()
    assert json.dumps(backbone.describe()) == before


def test_what_has_no_state_takes_an_empty_one():
    backbone = open_backbone("raw?modality=text")
    assert backbone.with_state(backbone.state()) is backbone
