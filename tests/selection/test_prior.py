"""The shipped table: whole, sourced, and looked up by the names that open backbones."""

from __future__ import annotations

import pytest

from headstart.selection.prior import SOURCES, known, known_backbones, strength


def test_the_table_is_whole() -> None:
    table = known_backbones()
    assert len(table) > 300
    assert {row.modality for row in table.values()} == {"image", "text"}
    for row in table.values():
        assert row.source in SOURCES
        assert 0 < row.value < 100
        assert row.params_millions > 0
        assert row.pretraining


@pytest.mark.parametrize(
    ("name", "value"),
    [("timm/mobilenetv2_100.ra_in1k", 72.91), ("sentence/all-MiniLM-L6-v2", 63.06), ("sentence/LaBSE", 62.71)],
)
def test_figures_as_published(name: str, value: float) -> None:
    row = known(name)
    assert row is not None
    assert row.value == value


def test_names_as_people_write_them() -> None:
    by_tag = known("timm/resnet50")
    assert by_tag is not None
    assert by_tag.name.startswith("timm/resnet50.")
    assert known("sentence/sentence-transformers/all-MiniLM-L6-v2") == known("sentence/all-MiniLM-L6-v2")
    assert known("words/vectors/glove.6B.300d.txt") is not None
    assert known("words/mine.txt") is None
    assert known("timm/mobilenetv2_100?checkpoint=mine.safetensors") is None
    assert known("timm/no_such_network") is None


def test_strength_orders_and_puts_the_untaught_last() -> None:
    small, large = strength("timm/mobilenetv3_small_050.lamb_in1k", "image"), strength("timm/convnext_base", "image")
    assert small is not None
    assert large is not None
    assert strength("raw", "image") <= small < large
    assert strength("random/timm/resnet18", "image") == strength("raw", "image")
    assert strength("timm/resnet18?checkpoint=mine.safetensors", "image") is None
    assert strength("sentence/all-MiniLM-L6-v2", "image") is None
    assert strength("raw", "audio") is None
