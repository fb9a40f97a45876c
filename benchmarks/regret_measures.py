"""How far behind the best cell a rule is, in `regret.py`: against the plain oracle and a fair one, and against the
baselines with two sources of luck."""

from __future__ import annotations

import numpy as np
from regret_cases import Question, Rule
from scipy.stats import t as student

BASELINES = ("scratch|||", "target only|||")
RESAMPLED = 1000
ALPHA = 0.05


def regret(question: Question, rule: Rule) -> float:
    """Points below the cell that is best on average over the draws.

    Both are means over all draws and test rows: accuracy of the advice, against the best fixed decision. The best cell
    is still picked on the rows and draws it is measured on, which flatters it a little.
    """
    return 100 * (question.means[question.best] - question.mean(rule))


def single_draw_regret(question: Question, rule: Rule) -> float:
    """The same where each draw has an oracle of its own, which knows which cell is luckiest on it; mean over draws."""
    lost = [max(case.accuracies.values()) - case.accuracies[rule(case)] for case in question.draws]
    return 100 * float(np.mean(lost))


def fair_regret(question: Question, rule: Rule) -> float:
    """Points below the cell that is best on the other draws and one random half of the rows, measured on this draw and
    the other half. Over random halves and all draws; on one half's rows alone where there is one draw."""
    mine = question.rows_of(rule)
    lost = [told - np.nanmean(mine[draw, measured]) for draw, measured, told in question.fair_oracle]
    return 100 * float(np.mean(lost))


def p_not_worse(question: Question, rule: Rule, baseline: str, *, draws: bool = True) -> float | None:
    """One-sided p of a rule's pick not being worse than a baseline; None where the baseline is not in the grid.

    Student's test on the paired differences of all rows and draws. A test row tells the same tale in every draw and a
    draw the same to every row, so that both count as drawn at random: the variance is that of the rows' means plus that
    of the draws' means, the degrees of freedom Welch and Satterthwaite's. Without `draws` the draws are taken as given.
    """
    if baseline not in question.means:
        return None
    difference = question.rows_of(rule) - question.right[baseline]
    by_row = np.array([np.nanmean(column) for column in difference.T if not np.isnan(column).all()])
    by_draw = np.nanmean(difference, axis=1)
    parts = [(float(by_row.var(ddof=1)) / len(by_row), len(by_row) - 1)]
    if draws and len(by_draw) > 1:
        parts.append((float(by_draw.var(ddof=1)) / len(by_draw), len(by_draw) - 1))
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return 1.0
    freedom = variance**2 / sum(part**2 / df for part, df in parts)
    return float(student.cdf(float(by_draw.mean()) / variance**0.5, freedom))


def worse_than(asked: list[Question], rule: Rule, base: str, *, draws: bool = True) -> list[str]:
    """Questions in which a rule is significantly worse than a baseline, by name."""
    found = []
    for each in asked:
        p = p_not_worse(each, rule, base, draws=draws)
        if p is not None and p < ALPHA:
            found.append(f"{each.task} at {each.n or 'all'}")
    return found


def worse_of_all(asked: list[Question], rule: Rule) -> tuple[list[str], int]:
    """The same for all baselines together, at 5 % for the lot of them (Holm, 1979); and how many tests that were."""
    tests = [
        (p, f"{each.task} at {each.n or 'all'} (than {base.strip('|')})")
        for base in BASELINES for each in asked if (p := p_not_worse(each, rule, base)) is not None
    ]  # fmt: skip
    found = []
    for at, (p, name) in enumerate(sorted(tests)):
        if p >= ALPHA / (len(tests) - at):
            break
        found.append(name)
    return found, len(tests)


def bootstrap(values: np.ndarray, groups: list[str], rng: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the mean, whole tasks resampled."""
    names = sorted(set(groups))
    sums = {name: (values[[g == name for g in groups]].sum(), groups.count(name)) for name in names}
    means = []
    for _ in range(RESAMPLED):
        drawn = [sums[names[at]] for at in rng.integers(len(names), size=len(names))]
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
