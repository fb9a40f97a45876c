"""The certificate in words."""

from __future__ import annotations

from headstart.results import Interval
from headstart.strategies.findings import Certificate, Mixing, Share

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


def test_a_mixture_says_who_answers_and_what_it_costs() -> None:
    shares = (Share(name="net · ridge", kind="frozen features", weight=0.7, bytes=90_000_000),
              Share(name="words", kind="from scratch", weight=0.3, bytes=2_000_000))  # fmt: skip
    mixing = Mixing(shares=shares, gain=Interval(0.05, 0.01, 0.09), maps=2, bytes=92_000_000)
    words = str(certificate(mixed=str(mixing)))
    assert "Mixed: 0.70 of net · ridge + 0.30 of words." in words
    assert "0.050 [0.010, 0.090] below" in words
    assert "asks 2 backbones (92.0 MB to ship, 90.0 MB for the first alone); --mix never keeps one." in words
    timed = Mixing(shares=shares, gain=mixing.gain, maps=2, bytes=1, latency=0.012, alone=0.01)
    assert "12.0 ms a sample, 10.0 ms alone" in str(timed)
