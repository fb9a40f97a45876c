"""What each policy would have picked from the grid of `regret.py`; nothing here computes a cell."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from regret_cases import FIRST, Case, Rule

PLAN, DELIVERED = "the plan", "the plan, carried out with its guard"
LARGE = 50  # labels per class from which the lecture speaks of much data


def policies(every: list[Case]) -> dict[str, Rule]:
    """By the name under which the report shows them; `every` case of the others is what static ones learn from."""
    classes = {case.task: case.rows for case in every if case.n == 1}
    return {
        PLAN: lambda case: case.chosen,
        DELIVERED: lambda case: case.delivered,
        "static ranking, blind to the target": lambda case: static(case, every),
        "static and LogME together": lambda case: with_record(case, every),
        "ridge leave-one-out alone": lambda case: case.best("loo"),
        "LogME alone": lambda case: case.best("logme"),
        "H-score alone": lambda case: case.best("hscore"),
        "the lecture's 2x2 matrix": lambda case: lecture(case, classes[case.task]),
        "always fine-tune": lambda case: case.tuned,
        "always the frozen head (last layer)": lambda case: case.head,
        "always the target alone (raw input)": lambda case: "target only|||",
    }


def frozen_picks(every: list[Case]) -> dict[str, Rule]:
    """Which frozen cell each score picks, whether or not a plan was made."""
    return {
        "static ranking, blind to the target": lambda case: static(case, every, frozen=True),
        "static and LogME together": lambda case: with_record(case, every),
        "ridge leave-one-out": lambda case: case.best("loo"),
        "leave-one-out R²": lambda case: case.best("r2"),
        "LogME": lambda case: case.best("logme"),
        "H-score": lambda case: case.best("hscore"),
        "R² among last layers (texts: of the publicly stronger)": lambda case: best_of_usual(case, "last"),
        "R² among all layers side by side": lambda case: best_of_usual(case, "all"),
        "R² among layers two thirds of the way up": lambda case: best_of_usual(case, "upper"),
        "R² among the usual layers": best_of_usual,
        "the same, which are usual settled on the other tasks": lambda case: best_of_usual(
            case, usual_elsewhere(case, every)
        ),
        "the first backbone's last layer": lambda case: case.head,
    }


def static(case: Case, others: Iterable[Case], *, frozen: bool = False) -> str:
    """Blind to the target: the cell of the largest mean standardised accuracy over the other tasks of its kind."""
    means: dict[str, list[float]] = {}
    for other in others:
        if other.task == case.task or other.modality != case.modality or other.n != case.n:
            continue
        standard = _standard(np.array(list(other.accuracies.values())))
        for name, value in zip(other.accuracies, standard, strict=True):
            means.setdefault(name, []).append(value)
    known = {name: float(np.mean(values)) for name, values in means.items()
             if name in case.cells and (name.startswith("frozen") or not frozen)}  # fmt: skip
    return max(known, key=lambda name: known[name]) if known else case.head


def with_record(case: Case, others: list[Case]) -> str:
    """What a record of the other tasks would add: standardised LogME plus standing on them; static where LogME is not
    known."""
    names = [name for name in case.cells if name.startswith("frozen")]
    if any(case.cells[name].get("logme") is None for name in names):
        return static(case, others)
    logme = np.array([case.cells[name]["logme"] for name in names])
    standing = np.array(standings(case, others, names))
    return names[int((_standard(logme) + _standard(standing)).argmax())]


def standings(case: Case, others: Iterable[Case], names: list[str]) -> list[float]:
    """Mean standardised accuracy of cells over the other tasks of the kind, at this size."""
    sums: dict[str, list[float]] = {name: [] for name in names}
    for other in others:
        if other.task == case.task or other.modality != case.modality or other.n != case.n:
            continue
        known = {name: other.accuracies[name] for name in names if name in other.cells}
        for name, value in zip(known, _standard(np.array(list(known.values()))), strict=True):
            sums[name].append(value)
    return [float(np.mean(values)) if values else 0.0 for values in sums.values()]


def lecture(case: Case, n_classes: int) -> str:
    """The 2x2 matrix, all tasks taken as similar: little data, a new head; much, fine-tune."""
    return case.tuned if case.n == 0 and case.rows / n_classes >= LARGE else case.head


def best_of_usual(case: Case, usual: str = "") -> str:
    """The backbone of the largest R², each taken at its usual layers: the last one, all side by side, or the upper one
    two thirds of the way up; the first backbone where R² is not known."""
    usual = usual or {"image": "last", "vector": "all", "text": "upper"}[case.modality]
    layers: dict[str, list[str]] = {}
    for name in case.cells:
        kind, backbone, where, _ = name.split("|")
        if kind == "frozen" and not (case.modality == "text" and backbone != FIRST["text"]):
            layers.setdefault(backbone, []).append(where)  # of texts' two backbones the publicly stronger
    places = {f"frozen|{backbone}|{place(own, usual)}|": backbone for backbone, own in layers.items()}
    known = {name: case.cells[name]["r2"] for name in places}
    if any(value is None for value in known.values()):
        return next(name for name, backbone in places.items() if backbone == FIRST[case.modality])
    return max(known, key=lambda name: known[name])


def place(layers: list[str], usual: str) -> str:
    """The usual one among a backbone's layers, from input to output."""
    alone = [layer for layer in layers if "…" not in layer]
    whole = [layer for layer in layers if "…" in layer]
    if usual == "all" and whole:
        return whole[0]
    return alone[2 * (len(alone) - 1) // 3] if usual == "upper" else alone[-1]


def usual_elsewhere(case: Case, every: list[Case]) -> str:
    """Which layers were the better ones on the other tasks of the kind, at this many labels."""
    others = [other for other in every
              if other.task != case.task and (other.modality, other.n) == (case.modality, case.n)]  # fmt: skip
    means = {usual: np.mean([other.accuracies[best_of_usual(other, usual)] for other in others])
             for usual in ("last", "all", "upper")}  # fmt: skip
    return max(means, key=lambda usual: means[usual])


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / max(float(values.std()), 1e-9)
