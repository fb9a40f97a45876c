"""The cells of `regret.py` by task and size: several draws of the rows make one question, answered once per draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from regret_grid import DRAWS, Book, Record, right_of

FIRST = {"image": "mobilenetv2_100.imagenet", "text": "all-MiniLM-L6-v2", "vector": "source network"}
HALVES = 10
SIZES = tuple(n or 0 for n in DRAWS)  # labels per class; 0: all


@dataclass(frozen=True)
class Case:
    """One task at one size and draw: its cells by name, and the plan made for it."""

    task: str
    modality: str
    n: int
    draw: int
    cells: dict[str, Record]
    plan: Record | None
    guard: Record | None = None

    @cached_property
    def accuracies(self) -> dict[str, float]:
        return {name: cell["accuracy"] for name, cell in self.cells.items()}

    @property
    def rows(self) -> int:
        return max(cell["passes"] for name, cell in self.cells.items() if name.startswith("frozen"))

    def best(self, score: str) -> str:
        """The frozen cell of the largest score; the first backbone's last layer where none has one."""
        known = {name: cell[score] for name, cell in self.cells.items() if cell.get(score) is not None
                 and name.startswith("frozen")}  # fmt: skip
        return max(known, key=lambda name: known[name]) if known else self.head

    @property
    def head(self) -> str:
        """The first backbone's last layer, frozen."""
        return f"frozen|{FIRST[self.modality]}|pool|"

    @property
    def tuned(self) -> str:
        """The first backbone fine-tuned; where the grid did not do that, its frozen head."""
        return next((name for name in self.cells if name.startswith(f"finetune|{FIRST[self.modality]}")), self.head)

    @property
    def chosen(self) -> str:
        """The plan's cell."""
        assert self.plan is not None, "a plan was made"
        return str(self.plan["chosen"])

    @property
    def delivered(self) -> str:
        """What carrying the plan out delivers: the guard's cell; the plan's where the guard was not asked."""
        return self.chosen if self.guard is None else str(self.guard["kept"])


Rule: TypeAlias = Callable[[Case], str]


@dataclass(frozen=True)
class Question:
    """One task at one size, at every draw that was planned."""

    task: str
    modality: str
    n: int
    draws: tuple[Case, ...]

    @cached_property
    def means(self) -> dict[str, float]:
        """Accuracy of every cell that all draws hold, on average over them."""
        held = set.intersection(*(set(case.cells) for case in self.draws))
        return {name: float(np.mean([case.accuracies[name] for case in self.draws]))
                for name in self.draws[0].cells if name in held}  # fmt: skip

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """Right or wrong of the same cells (draws, rows of the pool), NaN where a draw did not test on a row."""
        return {name: self.rows_of(lambda case, name=name: name) for name in self.means}

    @cached_property
    def fair_oracle(self) -> list[tuple[int, np.ndarray, float]]:
        """What an oracle gives that does not see what it is measured on: draw, rows measured, accuracy there of the
        cell that is best on the other draws and the other half of the rows; over random halves."""
        right, rng, found = np.stack(list(self.right.values())), np.random.default_rng(0), []
        draws = range(right.shape[1])
        for _ in range(HALVES):
            half = rng.permutation(right.shape[2]) < right.shape[2] // 2
            for picked, measured in ((half, ~half), (~half, half)):
                sums, counts = np.nansum(right[:, :, picked], axis=2), (~np.isnan(right[:, :, picked])).sum(axis=2)
                for draw in draws:
                    others = [other for other in draws if other != draw] or [draw]
                    best = int((sums[:, others].sum(axis=1) / counts[:, others].sum(axis=1)).argmax())
                    found.append((draw, measured, float(np.nanmean(right[best, draw, measured]))))
        return found

    def rows_of(self, rule: Rule) -> np.ndarray:
        """The same of what a rule picks (draws, rows of the pool)."""
        return np.stack([right_of(case.cells[rule(case)]) for case in self.draws])

    def mean(self, rule: Rule) -> float:
        """Accuracy of what a rule picks, on average over the draws."""
        return float(np.mean([case.accuracies[rule(case)] for case in self.draws]))

    @property
    def best(self) -> str:
        """The cell of the best average: the best that one fixed decision would have given."""
        return max(self.means, key=lambda name: self.means[name])


def cases(book: Book, *, planned: bool = True) -> list[Case]:
    """All that have a frozen grid (and a plan whose cell the grid holds)."""
    grouped: dict[tuple[str, str, int, int], dict[str, Record]] = {}
    for record in book.records:
        key = record["task"], record["modality"], record["n"], record["draw"]
        grouped.setdefault(key, {})[record["cell"]] = record
    found = []
    for (task, modality, n, draw), cells in grouped.items():
        plan, guard = cells.pop("plan", None), cells.pop("guard", None)
        if not any(name.startswith("frozen") for name in cells):
            continue
        if not planned or (plan is not None and plan["chosen"] in cells):
            found.append(Case(task, modality, n, draw, cells, plan, guard))
    return found


def questions(found: list[Case]) -> list[Question]:
    """Cases gathered over their draws."""
    grouped: dict[tuple[str, str, int], list[Case]] = {}
    for case in found:
        grouped.setdefault((case.task, case.modality, case.n), []).append(case)
    return [Question(*key, tuple(sorted(draws, key=lambda case: case.draw))) for key, draws in grouped.items()]


def whole(found: list[Case]) -> list[Case]:
    """Those of tasks that were planned at every size: so every size counts the same."""
    sizes: dict[str, set[int]] = {}
    for case in found:
        sizes.setdefault(case.task, set()).add(case.n)
    return [case for case in found if sizes[case.task] == set(SIZES)]
