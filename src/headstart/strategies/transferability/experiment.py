"""One seed of a study: both bases, then the four networks for every cut, each trained once, ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from torch import nn

from headstart.strategies.learner import Prepared
from headstart.strategies.recipes import Recipe
from headstart.strategies.transferability.blueprint import Blueprint, body_of
from headstart.strategies.transferability.finished import Finished, Outcome, key_of
from headstart.strategies.transferability.lessons import Lessons, content_of, lessons
from headstart.strategies.transferability.networks import BASE, Treatment, correct, learned
from headstart.strategies.transferability.tasks import StudyTask
from headstart.training.chance import seed_of
from headstart.training.views.view import Augmenter

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Base:
    """A trained network whose layers are copied, and the key by which all that is built on it is known."""

    key: str
    network: nn.Sequential


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """What one seed needs.

    first      task A; None where the blueprint's own weights are the base for A (a pretrained backbone)
    recipe     from the number of rows to learn from (without their views) to how to learn
    augment    makes the views beyond the first
    """

    blueprint: Blueprint
    first: StudyTask | None
    second: StudyTask
    recipe: Callable[[int], Recipe]
    seed: int
    finished: Finished
    augment: Augmenter | None = None
    views: int = 1

    def run(self, treatment: Treatment = BASE) -> Outcome:
        """How a network for task B does on B's held-out rows; trained now, unless it was before."""
        if not treatment.source:
            return self._base("B")[1]
        base = self.base_of_a if treatment.source == "A" else self._base("B")[0]
        about = {**self._about("B"), "bottom": base.key, "cut": treatment.cut, "frozen": treatment.frozen,
                 "seed": self.other_seed}  # fmt: skip
        key = key_of(about)
        known = self.finished.outcome(key)
        if known is not None:
            return known
        outcome, _ = self._train("B", self.other_seed, treatment, base.network)
        self.finished.add(key, outcome)
        return outcome

    @property
    def other_seed(self) -> int:
        """Of what is drawn anew above a cut: were it the base's own, its layers would find their old partners again."""
        return seed_of(self.seed, 1)

    @cached_property
    def base_of_a(self) -> Base:
        if self.first is not None:
            return self._base("A")[0]
        backbone = self.blueprint.backbone
        whole = self.blueprint.with_classifier(body_of(backbone), self.second.n_classes, seed=self.seed)
        return Base(backbone.fingerprint, whole)

    def _base(self, which: Literal["A", "B"]) -> tuple[Base, Outcome]:
        if which not in self._bases:
            self._bases[which] = self._made_base(which)
        return self._bases[which]

    @cached_property
    def _bases(self) -> dict[str, tuple[Base, Outcome]]:
        return {}

    def _made_base(self, which: Literal["A", "B"]) -> tuple[Base, Outcome]:
        key = key_of({**self._about(which), "bottom": "", "seed": self.seed})
        known = self.finished.outcome(key)
        if known is not None:
            network = self.blueprint.fresh(self._task(which).n_classes, seed=self.seed)
            if self.finished.load(key, network):
                return Base(key, network.eval()), known
        outcome, network = self._train(which, self.seed, BASE, None)
        self.finished.add(key, outcome, network)
        return Base(key, network), outcome

    def _train(
        self, which: Literal["A", "B"], seed: int, treatment: Treatment, bottom: nn.Sequential | None
    ) -> tuple[Outcome, nn.Sequential]:
        started = time.perf_counter()
        task = self._task(which)
        train, test = self._lessons(which)
        network = learned(
            self.blueprint, train, task.n_classes, recipe=self.recipe(len(task.train)), seed=seed, treatment=treatment,
            bottom=bottom,
        )  # fmt: skip
        return Outcome(correct(network, test, self.blueprint), time.perf_counter() - started), network

    def _task(self, which: Literal["A", "B"]) -> StudyTask:
        if which == "B":
            return self.second
        assert self.first is not None, "a pretrained base has no task A"
        return self.first

    @cached_property
    def _known_lessons(self) -> dict[str, tuple[Lessons, Lessons]]:
        return {}

    def _lessons(self, which: Literal["A", "B"]) -> tuple[Lessons, Lessons]:
        if which not in self._known_lessons:
            task = self._task(which)
            prepared = Prepared(task.dataset, self.blueprint.backbone)
            train = lessons(task.dataset, task.train, prepared, augment=self.augment, views=self.views)
            self._known_lessons[which] = train, lessons(task.dataset, task.test, prepared)
        return self._known_lessons[which]

    def _about(self, which: Literal["A", "B"]) -> dict[str, Any]:
        if which not in self._known_about:
            self._known_about[which] = self._described(which)
        return self._known_about[which]

    @cached_property
    def _known_about(self) -> dict[str, dict[str, Any]]:
        return {}

    def _described(self, which: Literal["A", "B"]) -> dict[str, Any]:
        """What decides a network besides its bottom and its seed."""
        task = self._task(which)
        return {
            "format": FORMAT,
            "architecture": self.blueprint.digest,
            "classes": task.n_classes,
            "recipe": asdict(self.recipe(len(task.train))),
            "views": [self.views, self.augment.describe()] if self.augment is not None and self.views > 1 else None,
            "train": content_of(task.dataset, task.train),
            "test": content_of(task.dataset, task.test),
        }


def treatments(cuts: Sequence[str]) -> list[Treatment]:
    """The base, then BnB, BnB+, AnB and AnB+ for every cut."""
    four: list[tuple[Literal["A", "B"], bool]] = [("B", True), ("B", False), ("A", True), ("A", False)]
    return [BASE, *(Treatment(source, cut, frozen) for cut in cuts for source, frozen in four)]
