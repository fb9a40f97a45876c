"""Equal extractors have one name, different ones never."""

from __future__ import annotations

import pytest

from headstart.errors import StoreError
from headstart.features.identity import difference, extractor_id

KEY = {"fingerprint": "ab", "layer": "last", "view": 0}


def test_order_does_not_matter_and_everything_else_does():
    assert extractor_id(KEY) == extractor_id(dict(reversed(KEY.items())))
    changed = [{**KEY, name: "other"} for name in KEY] + [{**KEY, "more": 1}, {"fingerprint": "ab", "layer": "last"}]
    assert len({extractor_id(key) for key in [KEY, *changed]}) == len(changed) + 1


def test_the_difference_names_the_parts():
    assert difference(KEY, {**KEY, "layer": "first", "old": 1}) == ("layer", "old")
    assert difference(KEY, KEY) == ()


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_only_json_values_name_an_extractor(value):
    with pytest.raises(StoreError, match="plain JSON values"):
        extractor_id({"layer": value})
