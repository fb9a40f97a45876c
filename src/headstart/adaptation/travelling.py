"""The classifier on top where none is given: a head that is to travel, under the strongest penalty that it can bear.

What fits the source closest rests on directions that the target need not share, and rows that a method has moved onto
the target are easier to fit than any that will come: held-out rows of the source call for far too weak a penalty, up to
twenty points too weak where rows were transported (docs/adaptation.md has the figures).
"""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from headstart.heads.logistic import Logistic

STEPS = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)  # multiples of the scatter's mean eigenvalue
FORGONE = 0.05  # of what held-out rows of the source say that it knows


def travelling_head(given: Any = None, *, seed: int = 0) -> Any:
    """A fresh copy of `given`; without it softmax regression under the strongest penalty that gives up no more than a
    twentieth of its accuracy, beyond that of naming the commonest class, on source rows held out."""
    return Logistic(steps=STEPS, forgone=FORGONE, seed=seed) if given is None else clone(given)
