"""Small grounds to plan on, and options as plain values."""

from __future__ import annotations

import numpy as np

from headstart.data.dataset import Dataset
from headstart.planning.cell import cell_of
from headstart.planning.constraints import Constraints
from headstart.planning.foretold import Foretold
from headstart.planning.plan import LayerPoint, Option, Plan
from headstart.results import Interval
from headstart.strategies.findings import CurvePoint

from ..strategies import worlds as strategies
from ..strategies.worlds import ground_of

__all__ = ["blobs", "foretold", "ground_of", "made_plan"]


def blobs(n: int = 200, *, classes: int = 2, apart: float = 3.0, width: int = 6, seed: int = 0) -> Dataset:
    """Those of the strategies, by default smaller and with a column more."""
    return strategies.blobs(n, classes=classes, apart=apart, width=width, seed=seed)


def foretold(strategy: str, correct: np.ndarray | float, *, r2: float = 0.5, **values: object) -> Foretold:
    """An option right on the given rows (or with a given accuracy and no rows)."""
    rows = None if isinstance(correct, float) else np.asarray(correct, dtype=float)
    value = correct if isinstance(correct, float) else float(np.nanmean(rows))
    interval = Interval(value, max(0.0, value - 0.05), min(1.0, value + 0.05))
    option = Option(**{"strategy": strategy, "accuracy": interval, "evidence": "leave-one-out", **values})
    return Foretold(option, rows, r2)


def made_plan() -> Plan:
    """A plan with one option of every kind, and names that a page must escape."""
    gain = Interval(0.2, 0.1, 0.3)
    options = (
        Option(strategy="frozen", backbone="timm/<b>net", options={"seed": 1}, layers=("a", "b"), seconds=12.0,
               accuracy=Interval(0.9, 0.85, 0.94), over_scratch=gain, over_target_only=gain, p_negative=0.001,
               memory=10_000_000, parameters=1000, license="MIT", evidence="leave-one-out"),
        Option(strategy="finetune", backbone="timm/<b>net", move="last2", abstained="R² .2 is too low"),
        Option(strategy="scratch", accuracy=Interval(0.7, 0.6, 0.8), seconds=100.0, evidence="race, 20% of the run"),
        Option(strategy="target only", accuracy=Interval(0.65, 0.6, 0.7), seconds=0.0),
        Option(strategy="frozen", backbone="big", layers=("pool",), refused="too large"),
    )  # fmt: skip
    return Plan(
        data="photos <i>", modality="image", n_labelled=120, n_train=90, n_classes=3, split="abc", seed=0, test=0.25,
        columns={"text": None, "image": None, "label": None, "group": None}, constraints=Constraints(budget=600.0),
        options=options, chosen=0, reasons=("it is <b>best",),
        cell=cell_of(per_class=30, rise=0.05, r2=0.7, raw_r2=0.1, last_layer_leads=True, taken="frozen",
                     taken_name="frozen · net"),
        profile=(LayerPoint(backbone="net", layer="a", accuracy=Interval(0.7, 0.6, 0.8), r2=0.4),
                 LayerPoint(backbone="net", layer="b", accuracy=Interval(0.9, 0.85, 0.94), r2=0.7)),
        curve=(CurvePoint(n=45, accuracy=Interval(0.8, 0.7, 0.9)),
               CurvePoint(n=90, accuracy=Interval(0.9, 0.85, 0.94))),
        beyond=CurvePoint(n=180, accuracy=Interval(0.93, 0.9, 0.95)), notes=("a note",),
    )  # fmt: skip
