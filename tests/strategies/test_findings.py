"""The certificate in words."""

from __future__ import annotations

from headstart.results import Interval
from headstart.strategies.findings import Certificate

GAIN = Interval(0.1, 0.05, 0.15)


def certificate(**values: object) -> Certificate:
    usual = {"strategy": "net · ridge", "n": 1200, "measured_on": "held-out rows", "rows": 400, "over_scratch": GAIN,
             "over_target_only": None}  # fmt: skip
    return Certificate(**{**usual, **values})


def test_a_gain_is_said_with_the_number_it_was_measured_at() -> None:
    words = str(certificate())
    assert "+10.0 points [+5.0, +15.0] over learning from scratch" in words
    assert "learned from 1,200 labels and measured on 400 held-out rows." in words
    assert "Planned" not in words


def test_a_plan_stands_beside_what_came_of_it() -> None:
    words = str(certificate(planned="frozen · net", foretold=Interval(0.9, 0.8, 0.95), replaced="raw is ahead"))
    assert "Planned: frozen · net, foretold .900 [.800, .950]." in words
    assert words.endswith("raw is ahead")
    assert "no baseline" in str(certificate(over_scratch=None))
