"""What the plan's experience of training would be without the task at hand: does `regret.py` find it deciding alike?"""

from __future__ import annotations

import numpy as np
from regret_cases import Question
from regret_policies import best_of_usual
from reporting import Table

from headstart.planning.experience import ENOUGH, GAINED, LEARNED, WITH_FEW

WHAT = {
    "fine-tuning, with enough labels": ("share of the frozen errors taken away, %", GAINED),
    "fine-tuning, below": ("share of the frozen errors taken away, %", WITH_FEW),
    "from scratch": ("points over the raw input", LEARNED),
}


def experience_table(asked: list[Question]) -> Table:
    """Mean and spread over tasks as the plan has them, as this grid has them, and the means without each task."""
    classes = {each.task: each.draws[0].rows for each in asked if each.n == 1}
    gains: dict[str, dict[str, list[float]]] = {name: {} for name in WHAT}
    for each in asked:
        for name, value in gained(each, classes).items():
            gains[name].setdefault(each.task, []).append(100 * value)
    rows = []
    for name, (unit, (mean, spread)) in WHAT.items():
        by_task = {task: float(np.mean(values)) for task, values in gains[name].items()}
        if len(by_task) < 2:
            continue
        found = np.array(list(by_task.values()))
        without = (found.sum() - found) / (len(found) - 1)
        rows.append([
            name, unit, f"{100 * mean:.0f} ± {100 * spread:.0f}", f"{found.mean():.1f} ± {found.std(ddof=1):.1f}",
            f"{np.median(found):.1f}", len(found), f"{without.min():.1f} to {without.max():.1f}",
        ])  # fmt: skip
    return ["training", "unit", "the plan's", "this grid's: mean ± spread", "median", "tasks",
            "mean without one of them"], rows  # fmt: skip


def gained(each: Question, classes: dict[str, int]) -> dict[str, float]:
    """Of one question, where the grid trained in every draw."""
    found = {}
    tuned = next((name for name in each.means if name == each.draws[0].tuned and name.startswith("finetune")), None)
    if tuned is not None:
        frozen = each.mean(best_of_usual)
        many = each.draws[0].rows / classes[each.task] >= ENOUGH[each.modality]
        name = "fine-tuning, with enough labels" if many else "fine-tuning, below"
        found[name] = (each.means[tuned] - frozen) / max(1 - frozen, 0.005)
    if each.modality == "vector" and "scratch|||" in each.means:
        found["from scratch"] = each.means["scratch|||"] - each.means["target only|||"]
    return found
