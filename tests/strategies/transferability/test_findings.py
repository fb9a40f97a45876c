import numpy as np
import pytest

from headstart.results import Interval
from headstart.stats.intervals import paired_gain
from headstart.strategies.transferability.findings import Study, cuts_of, difference, level
from headstart.strategies.transferability.networks import BASE, Treatment
from headstart.strategies.transferability.probes import Probe


def answers(accuracy, n=200):
    return (np.arange(n) < round(accuracy * n)).astype(float)


def correct_of(**levels):
    """Accuracy per treatment, one number a seed; names: base, own, own_tuned, other, other_tuned."""
    kinds = {"base": BASE, "own": Treatment("B", "one", True), "own_tuned": Treatment("B", "one", False),
             "other": Treatment("A", "one", True), "other_tuned": Treatment("A", "one", False)}  # fmt: skip
    return {kinds[name]: [answers(one) for one in seeds] for name, seeds in levels.items()}


def some_study(**changes):
    correct = correct_of(
        base=[0.9, 0.92], own=[0.8, 0.81], own_tuned=[0.9, 0.91], other=[0.6, 0.62], other_tuned=[0.95, 0.96]
    )
    base, cuts = cuts_of(correct, ["one"])
    about = {
        "source": "letters", "target": "digits", "network": "conv", "seeds": 2, "base": base, "cuts": cuts,
        "probes": (Probe("one", 16, Interval(0.9, 0.85, 0.93), Interval(0.5, 0.4, 0.6)),), "n_train": 100,
        "n_test": 200, "views": 4, "steps": 50, "trained": 10, "reused": 2, "seconds": 3.0,
    }  # fmt: skip
    return Study(**{**about, **changes})


def test_the_losses_add_up_to_what_transfer_lost():
    base, (cut,) = cuts_of(
        correct_of(
            base=[0.9, 0.92], own=[0.8, 0.81], own_tuned=[0.9, 0.9], other=[0.6, 0.62], other_tuned=[0.95, 0.96]
        ),
        ["one"],
    )
    assert base.value == pytest.approx(0.91)
    assert cut.co_adaptation.value == pytest.approx(0.105)
    assert cut.specialisation.value == pytest.approx(0.195)
    assert cut.co_adaptation.value + cut.specialisation.value == pytest.approx(base.value - cut.transfer.value)
    assert cut.gain.value == pytest.approx(0.045)


def test_intervals_are_over_seeds_where_seeds_disagree():
    spread = difference([answers(0.9), answers(0.5)], [answers(0.5), answers(0.5)])
    assert spread.low < 0 < spread.high  # .4 and 0: two seeds that disagree show nothing
    assert level([answers(0.2), answers(0.9)]).low == 0.0


def test_seeds_that_agree_by_chance_do_not_make_it_certain():
    agreeing = difference([answers(0.9)] * 3, [answers(0.89)] * 3)
    assert agreeing.low < agreeing.value < agreeing.high


def test_one_seed_is_judged_by_its_rows():
    assert difference([answers(0.9)], [answers(0.8)]) == paired_gain(answers(0.9), answers(0.8))


def test_printing_it_shows_all_numbers_and_to_dict_is_plain():
    study = some_study(notes=("mind this",))
    text = str(study)
    for words in (
        "letters → digits",
        "2 seeds",
        "broken co-adaptation",
        "specialisation",
        ".805",
        ".610",
        "16",
        "mind this",
    ):
        assert words in text
    plain = study.to_dict()
    assert plain["cuts"][0]["layer"] == "one"
    assert plain["verdict"] == list(study.verdict)
    assert study.report.startswith("<!doctype html>")


def test_probes_alone_have_no_table_of_networks():
    text = str(some_study(base=None, cuts=(), seeds=0))
    assert "BnB" not in text
    assert "leave-one-out accuracy" in text
