from dataclasses import replace

from tests.strategies.transferability.test_findings import some_study

from headstart.results import Interval
from headstart.strategies.transferability.findings import Cut
from headstart.strategies.transferability.probes import Probe
from headstart.strategies.transferability.words import verdict

ZERO, LOST, GAINED = Interval(0.0, -0.02, 0.02), Interval(0.1, 0.05, 0.15), Interval(0.08, 0.03, 0.13)
HARMED = Interval(-0.1, -0.15, -0.05)
LEVEL = Interval(0.9, 0.88, 0.92)
EVEN = Cut(layer="one", selffer=LEVEL, selffer_tuned=LEVEL, transfer=LEVEL, transfer_tuned=LEVEL, co_adaptation=ZERO,
           specialisation=ZERO, gain=ZERO)  # fmt: skip


def said(*cuts, probes=()):
    return " ".join(verdict(some_study(cuts=cuts, probes=probes)))


def test_no_loss_and_no_gain_are_said_as_not_shown():
    words = said(EVEN, replace(EVEN, layer="two"))
    assert "no layer was shown to be specialised" in words
    assert "not shown to cost anything" in words
    assert "no gain of fine-tuning" in words


def test_specialisation_is_named_with_its_layer_and_what_lies_below():
    words = said(EVEN, replace(EVEN, layer="two", specialisation=LOST))
    assert "cut after two" in words
    assert "10.0 points lost, [5.0, 15.0]" in words
    assert "Up to one no such loss was shown" in words


def test_broken_co_adaptation_and_its_mending():
    parted = replace(EVEN, selffer=Interval(0.8, 0.78, 0.82), co_adaptation=LOST)
    assert "costs most at one" in said(parted)
    assert "makes up for it" in said(parted)
    assert "makes up for it" not in said(replace(parted, selffer_tuned=Interval(0.8, 0.78, 0.82)))


def test_gain_and_harm_of_the_start():
    assert "gain 8.0 points" in said(replace(EVEN, gain=GAINED))
    assert "worse than learning B alone" in said(replace(EVEN, gain=HARMED))


def test_probes_say_where_to_cut():
    low, high = Probe("one", 9, Interval(0.7, 0.6, 0.8)), Probe("two", 9, Interval(0.95, 0.9, 0.97))
    assert "two reads B best" in said(probes=(high, low)).replace("two reads", "two reads")
    assert "from the last layer as well as from any" in said(probes=(low, high))
    as_good = replace(high, untrained=Interval(0.94, 0.9, 0.97))
    assert "random weights read B just as well" in said(probes=(low, as_good))
    first, last = replace(high, untrained=high.accuracy), replace(low, untrained=low.accuracy)
    assert "random weights read B just as well" in said(probes=(first, last))
    assert "random weights" not in said(probes=(replace(high, untrained=low.accuracy), last))
