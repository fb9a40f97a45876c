"""Choosing the method without target labels, and choosing none where nothing is credibly better."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, train_test_split
from tqdm import tqdm

from headstart.adaptation import ADAPTERS
from headstart.adaptation.adapter import Adapter, Family, aligned_proba
from headstart.adaptation.company import company
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.discriminative import domain_odds
from headstart.adaptation.rehearsal import Rehearsal, knowledge, rehearsed, stages
from headstart.adaptation.shift import Shift, compressed, ranks, shift_between
from headstart.adaptation.validators import VALIDATORS
from headstart.adaptation.validators.evidence import Evidence
from headstart.arrays import Labels, Matrix, Vector
from headstart.errors import DataError
from headstart.stats.calibration import apply_temperature, fit_temperature

LABEL_SHIFT = ("none", "em_prior", "bbse", "rlls")
# without class_transport, which carries the rows it was fitted on: of no other row can it be said how well
FEATURE_SHIFT = ("none", "coral", "linear_map", "subspace", "tca", "jda", "manifold", "propagation", "transport",
                 "nearest", "pivots", "msda")  # fmt: skip
WITH_LABELS = ("balanced", "augmentation")
VOTERS = ("information", "correlation", "mixed")
ENOUGH_LABELS = 20
MOST_BYTES = 512 << 20
MOST_ROWS = 6000  # of either side in the trials; the winner is fitted on all


@dataclass(frozen=True)
class Trial:
    """One method's votes: validator -> score, and its mean rank among all tried (0..1); `refusal`: why it has none.

    kept       of what is known of source rows held out without adaptation, the share still known with it (`knowledge`)
    company    whether other methods side with it where it contradicts "none" (`company`); None where too few were asked
    rehearsal  what it brought between parts of the source; None where it was not asked, its votes being too few
    """

    name: str
    votes: dict[str, float]
    rank: float
    refusal: str = ""
    kept: float = 1.0
    company: float | None = None
    rehearsal: Rehearsal | None = None


class Auto(Adapter):
    """Looks at the shift, tries the methods made for it, and of those that validators credibly prefer to "none", and
    that do not stand alone with their answers (`company`), keeps the one that gained most in a rehearsal within the
    source (`rehearsal`).

    candidates      names to try; None: those that suit the shift found
    voters          names of validators, whose ranks are averaged
    margin          share of the voters that must prefer a method to "none", in [.5, 1]; all of them together by more
                    than a sampling error (of two shares of as many answers as the target has rows), and no other may
                    contradict by more than that
    most_forgotten  share of the knowledge of source rows held out that a method may lose: one that no longer knows the
                    source, seen through its own map, has not learned the target from it
    labels          with 20 labels of the target or more, cross-validation on them decides instead
    progress        a bar over the methods tried

    Learned: shift_ (a `Shift`), trials_ (a `Trial` for each), choice_ (a name), adapter_ (fitted on everything).
    """

    name: ClassVar[str] = "auto"
    family: ClassVar[Family] = "choice"
    assumes: ClassVar[str] = "whatever it finds"
    accepts_sparse: ClassVar[bool] = True
    least_target_rows: ClassVar[int] = 1

    def __init__(
        self, *, candidates: Sequence[str] | None = None, voters: Sequence[str] = VOTERS, margin: float = 0.6,
        most_forgotten: float = 0.1, seed: int = 0, progress: bool = False, head: Any = None,
    ) -> None:  # fmt: skip
        self.candidates = candidates
        self.voters = voters
        self.margin = margin
        self.most_forgotten = most_forgotten
        self.seed = seed
        self.progress = progress
        self.head = head

    def _learn(self, domains: Domains) -> None:
        if not 0.5 <= self.margin <= 1:
            raise DataError(f"margin is a share of votes in [.5, 1], got {self.margin}")
        if not 0 <= self.most_forgotten <= 1:
            raise DataError(f"most_forgotten is a share of what is known, in [0, 1], got {self.most_forgotten}")
        self.shift_: Shift | None = None
        self.trials_: tuple[Trial, ...] = ()
        self.choice_ = "none"
        if domains.Xt.shape[0] >= 10:
            ordered = in_order_of_content(domains)
            self.shift_ = shift_between(ordered, head=self.head, seed=self.seed)
            self._choose(ordered)
        self.adapter_ = self._made(self.choice_)
        self.adapter_.fit(domains.Xs, domains.ys, domains.Xt, domains.yt)
        self.head_ = self.adapter_.head_

    def _choose(self, domains: Domains) -> None:
        assert self.shift_ is not None
        kept = by_rows(domains, MOST_ROWS, np.random.default_rng(self.seed))
        if (kept.known.sum()) >= ENOUGH_LABELS:
            self.trials_ = self._with_labels(kept, self._names(kept))
            best = max(self.trials_, key=lambda each: each.rank)
            nothing = next(each for each in self.trials_ if each.name == "none")
            error = np.sqrt(0.25 / kept.known.sum())
            self.choice_ = best.name if best.rank > nothing.rank + error else "none"
            return
        names = self._names(kept)
        if self.shift_.kind == "label" and self.candidates is None:
            self.choice_ = "em_prior"  # the test has said so already; confidence would vote against the rarer classes
        elif len(names) > 1:
            sides = compressed(kept, seed=self.seed)
            likeness = domain_odds(*sides, seed=self.seed)[0]
            trials = self._with_votes(kept, names, likeness)
            # two independent shares differ by √(.5/n) at most; both answer the same rows, and most of them alike
            error = 0.5 * float(np.sqrt(0.5 / kept.Xt.shape[0]))
            believed = credible(trials, margin=self.margin, most_forgotten=self.most_forgotten, error=error)
            self.trials_ = self._rehearsed(kept, trials, believed, (likeness, sides[0]))
            self.choice_ = foremost(self.trials_)

    def _names(self, domains: Domains) -> tuple[str, ...]:
        """What suits the shift and the rows; "none" always first."""
        assert self.shift_ is not None
        suited = {"none": ("none",), "label": LABEL_SHIFT, "features": FEATURE_SHIFT}[self.shift_.kind]
        if self.candidates is not None:
            suited = ("none", *(name for name in self.candidates if name != "none"))
        elif domains.known.any():
            suited = (*suited, *WITH_LABELS)
        is_sparse = sparse.issparse(domains.Xs)
        # denoising and pivots are for rows of words and only cost elsewhere; there linear_map takes minutes for what
        # coral does in seconds, and subspace keeps some dozens of directions of thousands: between film reviews and
        # four kinds of others it lost three to six points each way, while its voters praised it
        unsuited = ("linear_map", "subspace") if is_sparse else ("msda", "pivots")
        fitting = [name for name in suited if self.candidates is not None or name not in unsuited]
        return tuple(name for name in fitting if not is_sparse or affordable(ADAPTERS[name], domains))

    def _made(self, name: str) -> Adapter:
        adapter: Adapter = ADAPTERS[name]()
        return adapter.set_params(head=None if self.head is None else clone(self.head))

    def _with_votes(self, domains: Domains, names: Sequence[str], likeness: Vector) -> tuple[Trial, ...]:
        fit, held = held_out_rows(domains, self.seed)
        Xh, yh = domains.Xs[held], domains.ys[held]
        importance = likeness[held]
        trials, unadapted, answers = [], 0.0, {}
        for name in self._shown(names):
            adapter = self._made(name)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a trial that did not converge may still be voted out
                    adapter.fit(domains.Xs[fit], domains.ys[fit], domains.Xt, domains.yt)
            except DataError as refusal:
                trials.append(Trial(name, {}, 0.0, str(refusal)))
                continue
            evidence = tempered(
                Evidence(
                    adapter, domains.Xs[fit], domains.ys[fit], domains.Xt,
                    widened(adapter, adapter.predict_proba(domains.Xt), domains.n_classes),
                    widened(adapter, source_proba(adapter, Xh), domains.n_classes), yh, importance,
                )
            )  # fmt: skip
            known = knowledge(float((evidence.held_out.argmax(axis=1) == yh).mean()), yh)
            unadapted = known if name == "none" else unadapted  # the first of the names
            kept = known / unadapted if unadapted > 0 else 1.0
            if kept >= 1 - self.most_forgotten or name == "none":
                answers[name] = evidence.target.argmax(axis=1)
            trials.append(Trial(name, {voter: VALIDATORS[voter](evidence) for voter in self.voters}, 0.0, kept=kept))
        beside = company(answers)
        return ranked([replace(trial, company=beside.get(trial.name)) for trial in trials], self.voters)

    def _rehearsed(
        self, domains: Domains, trials: Sequence[Trial], believed: Sequence[str], along: tuple[Vector, Matrix]
    ) -> tuple[Trial, ...]:  # fmt: skip
        """The trials, those whose votes are believed with their rehearsal."""
        played = stages(domains, *along, seed=self.seed) if believed else ()
        if not played:
            return tuple(trials)
        unadapted = [stage.right(self._made("none")) for stage in played]
        found = {
            name: rehearsed(played, [stage.right(self._made(name)) for stage in played], unadapted)
            for name in self._shown(believed, doing="rehearsing")
        }
        return tuple(replace(trial, rehearsal=found.get(trial.name)) for trial in trials)

    def _with_labels(self, domains: Domains, names: Sequence[str]) -> tuple[Trial, ...]:
        """Accuracy on labelled target rows left out, in the place of a rank."""
        known = np.flatnonzero(domains.known)
        folds = StratifiedKFold(4, shuffle=True, random_state=self.seed)
        trials = []
        for name in self._shown(names):
            right = np.zeros(len(known), dtype=bool)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    for _, score in folds.split(known, domains.yt[known]):
                        yt = domains.yt.copy()
                        yt[known[score]] = -1
                        adapter = self._made(name).fit(domains.Xs, domains.ys, domains.Xt, yt)
                        right[score] = adapter.predict(domains.Xt[known[score]]) == domains.yt[known[score]]
            except DataError as refusal:
                trials.append(Trial(name, {}, 0.0, str(refusal)))
                continue
            trials.append(Trial(name, {"labels": float(right.mean())}, float(right.mean())))
        return tuple(trials)

    def _shown(self, names: Sequence[str], *, doing: str = "trying") -> Iterator[str]:
        """The names in turn, on a bar."""
        with tqdm(total=len(names), disable=not self.progress, leave=False) as bar:
            for name in names:
                bar.set_description(f"{doing} {name}")
                yield name
                bar.update()

    def answerer(self) -> Adapter:
        return self.adapter_

    def _proba(self, X: Any) -> Matrix:
        return widened(self.adapter_, self.adapter_.predict_proba(X), len(self.classes_))

    def _codes(self, X: Any) -> Labels:
        return np.asarray(self.adapter_.predict(X), dtype=np.int64)


def affordable(adapter: type[Adapter], domains: Domains) -> bool:
    """Whether a method takes sparse rows without spreading them out beyond 512 MB."""
    spread_out = 8 * domains.Xs.shape[1] * max(domains.Xs.shape[0], domains.Xt.shape[0])
    return adapter.accepts_sparse and (
        adapter.family != "feature" or not adapter.moments_only or spread_out < MOST_BYTES
    )


def ranked(trials: Sequence[Trial], voters: Sequence[str]) -> tuple[Trial, ...]:
    """The trials with their mean rank over the voters, those that refused last."""
    heard = [trial for trial in trials if trial.votes]
    table = np.stack([ranks(np.array([trial.votes[voter] for trial in heard])) for voter in voters])
    mean = dict(zip((trial.name for trial in heard), table.mean(axis=0).tolist(), strict=True))
    return tuple(replace(trial, rank=mean.get(trial.name, 0.0)) for trial in trials)


def credible(trials: Sequence[Trial], *, margin: float, most_forgotten: float, error: float) -> tuple[str, ...]:
    """The methods that at least `margin` of the voters prefer to "none", by more than `error` on average and none of
    them against it by more, that have forgotten no more of the source than they may, and that are in company where they
    contradict "none"."""
    nothing = next(trial for trial in trials if trial.name == "none")

    def believed(trial: Trial) -> bool:
        gains = np.array([trial.votes[voter] - nothing.votes[voter] for voter in nothing.votes if trial.votes])
        alone = trial.company is not None and trial.company < 0
        if not len(gains) or trial.kept < 1 - most_forgotten or alone:
            return False
        return bool((gains > 0).mean() >= margin and gains.mean() > error and gains.min() >= -error)

    return tuple(trial.name for trial in trials if believed(trial))


def foremost(trials: Sequence[Trial]) -> str:
    """Of the methods that have passed their rehearsal the one that gained most there, of equal ones that of the highest
    mean rank; "none" where there is no such method."""
    passed = [(trial.rehearsal.gain, trial.rank, trial.name) for trial in trials
              if trial.rehearsal is not None and trial.rehearsal.passed]  # fmt: skip
    return max(passed)[2] if passed else "none"


def held_out_rows(domains: Domains, seed: int) -> tuple[Labels, Labels]:
    """Four fifths of the source rows to fit, one to hold out; classes of a single row stay in the fit."""
    counts = np.bincount(domains.ys)[domains.ys]
    single, rest = np.flatnonzero(counts < 2), np.flatnonzero(counts >= 2)
    many = len(rest) >= 10 * domains.n_classes
    fit, held = train_test_split(rest, test_size=0.2, random_state=seed, stratify=domains.ys[rest] if many else None)
    return np.sort(np.concatenate([single, fit])), np.sort(held)


def tempered(evidence: Evidence) -> Evidence:
    """With probabilities that are equally sure where they were right on the source: methods differ in the scale of what
    they show the head, and confidence must not be a matter of scale."""
    temperature = fit_temperature(evidence.held_out, evidence.held_out_y, smoothing=1 / (len(evidence.held_out_y) + 1))
    return replace(
        evidence,
        target=apply_temperature(evidence.target, temperature),
        held_out=apply_temperature(evidence.held_out, temperature),
    )


def source_proba(adapter: Adapter, X: Any) -> Matrix:
    """What an adapted classifier says of source rows: through the source's map where there is one."""
    if not hasattr(adapter, "transform_source"):
        return adapter.predict_proba(X)
    return aligned_proba(adapter.head_, adapter.transform_source(X), len(adapter.classes_))


def widened(adapter: Adapter, proba: Matrix, n_classes: int) -> Matrix:
    """Columns for all classes, also those that a part of the rows did not show; adapters here are fitted on codes."""
    full = np.zeros((len(proba), n_classes))
    full[:, np.asarray(adapter.classes_, dtype=np.int64)] = proba
    return full


def in_order_of_content(domains: Domains) -> Domains:
    """The same rows in an order that is theirs and not the caller's (along one fixed random direction): what is drawn
    from them, and so what is chosen, does not depend on how they were listed."""
    along = np.random.default_rng(0).standard_normal(domains.Xs.shape[1])
    source, target = (np.argsort(X @ along, kind="stable") for X in (domains.Xs, domains.Xt))
    return Domains(domains.Xs[source], domains.ys[source], domains.Xt[target], domains.yt[target], domains.classes)


def by_rows(domains: Domains, most: int, rng: np.random.Generator) -> Domains:
    """At most so many rows of either side."""
    source, target = (
        np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))
        for n in (domains.Xs.shape[0], domains.Xt.shape[0])
    )
    return Domains(domains.Xs[source], domains.ys[source], domains.Xt[target], domains.yt[target], domains.classes)
