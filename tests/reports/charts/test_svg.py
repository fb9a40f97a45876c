"""Elements escape what comes from outside and print numbers briefly."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.charts.svg import chart, element, label, line, share
from headstart.reports.names import clean


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    parsed = ElementTree.fromstring(element("text", {"class": text}, text))
    assert (parsed.text or "") == clean(text)
    assert list(parsed) == []


def test_markup_children_are_nested_not_escaped() -> None:
    parsed = ElementTree.fromstring(chart("t < u", "d", 10, 20, line(0, 1, "50%", 3, "axis"), label(1, 2, "w")))
    assert [child.tag for child in parsed] == ["title", "desc", "line", "text"]
    assert parsed[0].text == "t < u" and parsed[2].get("x2") == "50%" and parsed.get("viewBox") == "0 0 10 20"


def test_shares_are_percentages() -> None:
    assert (share(0), share(1), share(1 / 3)) == ("0%", "100%", "33.33%")
