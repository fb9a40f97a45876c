"""`auto`: adapts where it must, keeps its hands off where it must not, and says what was tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from headstart.adaptation import ADAPTERS
from headstart.adaptation.auto import Auto, Trial, credible, foremost, held_out_rows, ranked, source_proba, tempered
from headstart.adaptation.domains import Domains
from headstart.adaptation.feature.coral import Coral
from headstart.adaptation.none import NoAdaptation
from headstart.adaptation.rehearsal import Rehearsal
from headstart.adaptation.validators.confidence import entropy
from headstart.errors import DataError, UnknownName
from headstart.heads.lda import LDA
from headstart.heads.logistic import Logistic

from .validators.evidences import evidence
from .worlds import accuracy, moved, other_shares, same, some_known

NONE = NoAdaptation(head=LDA())


@pytest.mark.parametrize("seed", [0, 3])
def test_it_adapts_where_the_target_moved(seed: int) -> None:
    pair = moved(150, seed=seed)
    auto = Auto(head=LDA())
    assert accuracy(auto, pair) > accuracy(NONE, pair) + 0.1
    assert auto.shift_ is not None
    assert auto.shift_.kind == "features"
    assert auto.choice_ != "none"
    assert {trial.name for trial in auto.trials_} >= {"none", "coral", auto.choice_}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_shift_means_no_adaptation(seed: int) -> None:
    pair = same(200, seed=seed)
    auto = Auto(head=LDA())
    assert accuracy(auto, pair) >= accuracy(NONE, pair) - 0.01
    assert auto.shift_ is not None
    assert auto.shift_.kind == "none"
    assert auto.choice_ == "none"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_label_shift_is_met_with_a_prior_and_never_with_alignment(seed: int) -> None:
    pair = other_shares(300, seed=seed)
    auto = Auto(head=LDA())
    assert accuracy(auto, pair) > accuracy(NONE, pair) + 0.1
    assert auto.choice_ == "em_prior"


def test_target_labels_decide_where_there_are_enough() -> None:
    pair = moved(200)
    auto = Auto(candidates=["coral", "balanced"], head=LDA())
    assert accuracy(auto, pair, some_known(pair, 60)) > 0.9
    assert all(set(trial.votes) == {"labels"} for trial in auto.trials_)


def test_a_method_that_refuses_is_noted_and_left_out() -> None:
    pair = moved(100)
    auto = Auto(candidates=["pivots", "coral"], head=LDA())
    auto.fit(-np.abs(pair.Xs), pair.ys, -np.abs(pair.Xt))
    refused = next(trial for trial in auto.trials_ if trial.name == "pivots")
    assert "none can be a pivot" in refused.refusal
    assert not refused.votes


def test_the_vote() -> None:
    def trial(name: str, first: float, second: float) -> Trial:
        return Trial(name, {"a": first, "b": second}, 0.0)

    trials = ranked([trial("none", 1, 1), trial("coral", 2, 2), trial("tca", 6, 0)], ("a", "b"))
    rule = {"margin": 0.7, "most_forgotten": 0.1, "error": 0.0}
    assert credible(trials, **rule) == ("coral",)
    assert credible(trials[:2], **rule | {"error": 1.5}) == ()  # by less than luck
    split = ranked([trial("none", 1, 1), trial("tca", 3, 0)], ("a", "b"))
    assert credible(split, **rule) == ()
    forgetful = [trials[0], replace(trials[1], kept=0.8), trials[2]]
    assert credible(forgetful, **rule) == ()
    assert credible(forgetful, **rule | {"most_forgotten": 0.3}) == ("coral",)
    assert credible(forgetful, **rule | {"most_forgotten": 0.3, "margin": 0.5}) == ("coral",)  # one contradicts tca
    assert credible(forgetful, **rule | {"most_forgotten": 0.3, "margin": 0.5, "error": 1.0}) == ("tca",)


def test_the_rehearsal_decides_among_those_believed() -> None:
    def trial(name: str, rank: float, gain: float | None, error: float = 0.01) -> Trial:
        return Trial(name, {}, rank, rehearsal=None if gain is None else Rehearsal(gain, error, 0.5))

    nothing = trial("none", 0.5, None)
    assert foremost([nothing, trial("tca", 0.9, None)]) == "none"  # not believed, so never rehearsed
    assert foremost([nothing, trial("tca", 0.9, 0.01)]) == "none"
    assert foremost([nothing, trial("tca", 0.9, 0.04), trial("jda", 0.2, 0.06)]) == "jda"
    assert foremost([nothing, trial("tca", 0.9, 0.04), trial("jda", 0.2, 0.04)]) == "tca"


def test_who_stands_alone_is_not_believed() -> None:
    votes = {"a": 2.0, "b": 2.0}
    trials = [Trial("none", {"a": 1.0, "b": 1.0}, 0.0), Trial("coral", votes, 0.0, company=0.3),
              Trial("jda", votes, 0.0, company=-0.3), Trial("tca", votes, 0.0)]  # fmt: skip
    assert credible(trials, margin=0.6, most_forgotten=0.1, error=0.0) == ("coral", "tca")


def test_a_method_that_has_forgotten_the_source_is_not_believed() -> None:
    pair = moved(150)
    auto = Auto(candidates=["coral", "subspace"], head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    kept = {trial.name: trial.kept for trial in auto.trials_}
    assert kept["none"] == 1
    fit, held = held_out_rows(Domains.of(pair.Xs, pair.ys, pair.Xt), 0)
    heads = [ADAPTERS[name](head=LDA()).fit(pair.Xs[fit], pair.ys[fit], pair.Xt) for name in ("none", "coral")]
    right = [(source_proba(each, pair.Xs[held]).argmax(axis=1) == pair.ys[held]).mean() for each in heads]
    commonest = max((pair.ys[held] == code).mean() for code in range(3))
    assert kept["coral"] == pytest.approx((right[1] - commonest) / (right[0] - commonest))


def test_confidence_is_not_a_matter_of_scale() -> None:
    rng = np.random.default_rng(0)
    held_out, y = rng.dirichlet([2, 1, 1], 200), np.zeros(200, int)
    y[:40] = 1
    target = rng.dirichlet([1, 1, 1], 100)
    sharp = [each**3 / (each**3).sum(axis=1, keepdims=True) for each in (target, held_out)]
    plain = tempered(evidence(target, held_out=held_out, held_out_y=y))
    sharpened = tempered(evidence(sharp[0], held_out=sharp[1], held_out_y=y))
    assert entropy(plain) == pytest.approx(entropy(sharpened), rel=1e-3)


def test_misuse() -> None:
    pair = moved(60)
    with pytest.raises(DataError, match="margin is a share of votes"):
        Auto(margin=0.2).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(DataError, match="most_forgotten is a share"):
        Auto(most_forgotten=2.0).fit(pair.Xs, pair.ys, pair.Xt)
    with pytest.raises(UnknownName, match="Did you mean 'coral'"):
        Auto(candidates=["corral"], head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    few = Auto(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt[:5])
    assert few.choice_ == "none"
    assert few.shift_ is None
    assert isinstance(Coral(), type(Auto(candidates=["coral"])._made("coral")))


def test_words_are_not_shown_a_few_directions_of_thousands() -> None:
    pair = moved(150)
    dense, words = (
        Auto(head=LDA()).fit(pair.Xs, pair.ys, pair.Xt),
        Auto(head=Logistic()).fit(sparse.csr_matrix(pair.Xs), pair.ys, sparse.csr_matrix(pair.Xt)),
    )
    tried, of_words = ({trial.name for trial in auto.trials_} for auto in (dense, words))
    assert "subspace" in tried - of_words
    assert "pivots" in of_words - tried
    named = Auto(candidates=["subspace"], head=Logistic())
    named.fit(sparse.csr_matrix(pair.Xs), pair.ys, sparse.csr_matrix(pair.Xt))
    assert {trial.name for trial in named.trials_} == {"none", "subspace"}, "asked for by name it is tried"


def test_a_bar_names_the_methods_tried(capsys: pytest.CaptureFixture[str]) -> None:
    pair = moved(60)
    Auto(candidates=["coral"], head=LDA(), progress=True).fit(pair.Xs, pair.ys, pair.Xt)
    shown = capsys.readouterr().err
    assert "trying none" in shown and "trying coral" in shown
    Auto(candidates=["coral"], head=LDA()).fit(pair.Xs, pair.ys, pair.Xt)
    assert capsys.readouterr().err == ""
