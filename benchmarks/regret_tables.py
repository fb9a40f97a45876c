"""The report of `regret.py`: tables and what has to be said with them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from regret_cases import SIZES, Case, Question, Rule, cases, questions, whole
from regret_experience import experience_table
from regret_grid import Book
from regret_measures import BASELINES, bootstrap, fair_regret, regret, single_draw_regret, worse_than
from regret_notes import notes
from regret_policies import PLAN, frozen_picks, policies, standings
from reporting import Table
from scipy.stats import weightedtau

KINDS = ("image", "text", "vector")
FITS = 6  # a trained cell that is to be chosen by validation: five folds, and all rows


def tables(book: Book) -> tuple[dict[str, Table], list[str]]:
    """Everything the report shows."""
    found, every = whole(cases(book)), cases(book, planned=False)
    asked, rules = questions(found), policies(found)
    lost = {name: np.array([regret(each, rule) for each in asked]) for name, rule in rules.items()}
    fair = {name: np.array([fair_regret(each, rule) for each in asked]) for name, rule in rules.items()}
    shown: dict[str, Table] = {
        f"All policies, {len(asked)} questions ({len(found)} draws) of {len({each.task for each in asked})} tasks":
            policy_table(asked, rules, lost, fair),
        "The plan by kind and labels per class: mean regret (worst)": by_kind(asked, lost[PLAN]),
        "All policies by labels per class: mean regret (worst)": by_size(asked, lost),
        "The same against the fair oracle: mean regret (worst)": by_size(asked, fair),
        "How much the oracle is flattered: the fair oracle's own regret, points": by_kind(
            asked, lost[PLAN] - fair[PLAN], worst=False
        ),
        "What the plan chose, draws": chosen_table(found),
        f"Frozen cells only, all {len({case.task for case in every})} tasks: mean regret against the best frozen cell "
        "(worst)": frozen_table(every),
        "Ranking of the frozen cells: weighted Kendall tau, mean over draws": tau_table(every),
        "Experience that the plan starts from, and what it would be without a task": experience_table(asked),
        "Foretold and got, by what the foretelling rests on": calibration(found),
        "Cost: samples sent through networks (a backward pass counts as two), summed over all draws": cost_table(found),
        "The plan's losses: all questions of more than 2 points": losses(asked, lost[PLAN]),
        "What was in the grid": grid_table(found),
    }  # fmt: skip
    return shown, notes(found, asked)


def policy_table(
    asked: list[Question], rules: dict[str, Rule], lost: dict[str, np.ndarray], fair: dict[str, np.ndarray]
) -> Table:
    rng, rows = np.random.default_rng(0), []
    for name, rule in rules.items():
        low, high = bootstrap(lost[name], [each.task for each in asked], rng)
        single = np.mean([single_draw_regret(each, rule) for each in asked])
        worse = [len(worse_than(asked, rule, base)) for base in BASELINES]
        rows.append([name, f"{lost[name].mean():.2f}", f"[{low:.2f}, {high:.2f}]", f"{fair[name].mean():.2f}",
                     f"{single:.2f}", f"{np.median(lost[name]):.1f}", f"{lost[name].max():.1f}",
                     f"{100 * np.mean(lost[name] <= 1):.0f}", *worse])  # fmt: skip
    return ["policy", "mean regret, points", "95 % (tasks resampled)", "mean against the fair oracle",
            "mean, each draw its own oracle", "median", "worst", "within 1 point, %", "worse than scratch",
            "worse than target only"], rows  # fmt: skip


def by_kind(asked: list[Question], values: np.ndarray, *, worst: bool = True) -> Table:
    rows = [[kind, *(summary(values[[e.modality == kind and e.n == n for e in asked]], worst) for n in SIZES)]
            for kind in KINDS]  # fmt: skip
    return ["kind", *(f"{n or 'all'}" for n in SIZES)], rows


def by_size(asked: list[Question], values: dict[str, np.ndarray]) -> Table:
    rows = []
    for name, own in values.items():
        cells = [summary(own[[each.n == n for each in asked]]) for n in SIZES]
        rows.append([name, *cells, summary(own[[each.n != 1 for each in asked]])])
    return ["policy", *(f"{n or 'all'}" for n in SIZES), "5 and more together"], rows


def summary(values: np.ndarray, worst: bool = True) -> str:
    if not len(values):
        return "–"
    return f"{values.mean():.2f} ({values.max():.1f})" if worst else f"{values.mean():.2f}"


def chosen_table(found: list[Case]) -> Table:
    rows = [[strategy, *(sum(case.chosen.startswith(strategy) for case in found if case.n == n) for n in SIZES)]
            for strategy in ("frozen", "finetune", "scratch", "target only")]  # fmt: skip
    return ["strategy", *(f"{n or 'all'} per class" for n in SIZES)], rows


def frozen_table(every: list[Case]) -> Table:
    """Whether or not a plan was made."""
    rng, asked, rows = np.random.default_rng(0), questions(every), []
    probed = [each.n != 1 for each in asked]
    groups = [each.task for each in asked if each.n != 1]
    for name, rule in frozen_picks(every).items():
        best = [max(mean for cell, mean in each.means.items() if cell.startswith("frozen")) for each in asked]
        values = 100 * (np.array(best) - [each.mean(rule) for each in asked])
        low, high = bootstrap(values[probed], groups, rng)
        rows.append([name, *(summary(values[[each.n == n for each in asked]]) for n in SIZES),
                     f"{values[probed].mean():.2f} [{low:.2f}, {high:.2f}]"])  # fmt: skip
    return ["pick", *(f"{n or 'all'}" for n in SIZES), "5 and more together, 95 %"], rows


def tau_table(every: list[Case]) -> Table:
    rng, rows = np.random.default_rng(0), []
    for name, score in (("ridge leave-one-out", "loo"), ("R²", "r2"), ("LogME", "logme"), ("H-score", "hscore"),
                        ("static, blind to the target", "static")):  # fmt: skip
        known = [(tau, case.task) for case in every if (tau := tau_of(case, every, score)) == tau]
        values = np.array([tau for tau, _ in known])
        low, high = bootstrap(values, [task for _, task in known], rng)
        rows.append([name, f"{values.mean():.3f}", f"[{low:.3f}, {high:.3f}]", len(values)])
    return ["score", "tau", "95 % (tasks resampled)", "draws"], rows


def tau_of(case: Case, every: list[Case], score: str) -> float:
    """Of all frozen cells of a case; weights by both rankings, averaged (scipy's rank=True)."""
    if case.n == 1:
        return float("nan")  # no score is defined there
    cells = {name: cell for name, cell in case.cells.items() if name.startswith("frozen")}
    truth = np.array([cell["accuracy"] for cell in cells.values()])
    told = standings(case, every, list(cells)) if score == "static" else [c[score] for c in cells.values()]
    if any(value is None for value in told):
        return float("nan")
    return float(weightedtau(truth, np.array(told, dtype=float)).statistic)


def calibration(found: list[Case]) -> Table:
    """Of the chosen option: what was foretold, what the test rows gave, and how often the interval held it."""
    rows = []
    for n in SIZES:
        pairs = [told for case in found if case.n == n and (told := foretold_and_got(case))]
        if len(pairs) < 2:
            continue
        told, low, high, got = (np.array(column) for column in zip(*pairs, strict=True))
        held = np.mean((got >= low) & (got <= high))
        rows.append([f"{n or 'all'} per class", len(pairs), f"{told.mean():.3f}", f"{got.mean():.3f}",
                     f"{100 * np.mean(got - told):+.1f}", f"{100 * np.mean(np.abs(got - told)):.1f}",
                     f"{100 * held:.0f}"])  # fmt: skip
    return ["labels", "draws", "foretold", "got", "got - foretold, points", "mean distance",
            "inside the interval, %"], rows  # fmt: skip


def foretold_and_got(case: Case) -> tuple[float, float, float, float] | None:
    assert case.plan is not None
    told = case.plan["foretold"].get(case.chosen)
    return None if told is None else (told[0], told[1], told[2], case.accuracies[case.chosen])


def cost_table(found: list[Case]) -> Table:
    """Samples sent through networks, a backward pass counting as two; and CPU seconds of what was not in the store."""
    rows = []
    for kind in KINDS:
        chosen = [case for case in found if case.modality == kind]
        if not chosen:
            continue
        once, judged = (sum(passes_of(case, fits) for case in chosen) for fits in (1, FITS))
        plan = sum(case.plan["passes"] for case in chosen if case.plan)
        trained = sum(cell["seconds"] for case in chosen for name, cell in case.cells.items()
                      if name.startswith(("scratch", "finetune")))  # fmt: skip
        probing = sum(case.plan["seconds"] for case in chosen if case.plan)
        rows.append([kind, len(chosen), once, judged, plan, f"{100 * plan / once:.1f}", f"{100 * plan / judged:.1f}",
                     f"{trained:.0f}", f"{probing:.0f}", f"{probing / len(chosen):.1f}"])  # fmt: skip
    columns = zip(*rows, strict=True)
    _, count, once, judged, plan, *_, trained, probing, _ = ([float(each) for each in column] if at else column
                                                            for at, column in enumerate(columns))  # fmt: skip
    total = sum(plan)
    rows.append(["all", int(sum(count)), int(sum(once)), int(sum(judged)), int(total), f"{100 * total / sum(once):.1f}",
                 f"{100 * total / sum(judged):.1f}", f"{sum(trained):.0f}", f"{sum(probing):.0f}",
                 f"{sum(probing) / sum(count):.1f}"])  # fmt: skip
    return ["kind", "draws", "grid, each cell fitted once", "grid, judged on five folds", "the plan",
            "plan of the first, %", "plan of the second, %", "CPU s of the grid's training", "CPU s of planning",
            "CPU s per plan"], rows  # fmt: skip


def passes_of(case: Case, fits: int) -> int:
    """One forward pass per row and backbone for all frozen cells, and every training step of so many fits."""
    backbones = {name.split("|")[1] for name in case.cells if name.startswith("frozen")}
    trained = sum(cell["passes"] for name, cell in case.cells.items() if name.startswith(("scratch", "finetune")))
    return case.rows * len(backbones) + fits * trained


def losses(asked: list[Question], lost: np.ndarray) -> Table:
    rows = []
    for at in np.argsort(-lost):
        if lost[at] <= 2:
            break
        each = asked[at]
        picks = Counter(case.chosen for case in each.draws).most_common()
        named = ", ".join(f"{spoken(pick)} ({count})" if len(picks) > 1 else spoken(pick) for pick, count in picks)
        got = each.mean(lambda case: case.chosen)
        rows.append([each.task, each.n or "all", len(each.draws), named, f"{got:.3f}", spoken(each.best),
                     f"{each.means[each.best]:.3f}", f"{lost[at]:.1f}"])  # fmt: skip
    return ["task", "labels per class", "draws", "the plan took", "got", "best cell", "got", "regret"], rows


def spoken(cell: str) -> str:
    return " · ".join(part for part in cell.split("|") if part)


def grid_table(found: list[Case]) -> Table:
    rows = []
    for task in dict.fromkeys(case.task for case in found):
        own = [case for case in found if case.task == task]
        counts = {kind: sum(name.startswith(kind) for case in own for name in case.cells)
                  for kind in ("frozen", "finetune", "scratch", "target only")}  # fmt: skip
        tested = max(cell["pool"] for cell in own[0].cells.values())
        rows.append([task, own[0].modality, len(own), tested, *counts.values()])
    return ["task", "kind", "draws", "rows", "frozen cells", "fine-tuned", "from scratch", "target only"], rows
