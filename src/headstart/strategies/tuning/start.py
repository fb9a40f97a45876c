"""The first of two steps, for nothing: a closed-form head as the linear layer that fine-tuning starts from.

Linear probing before fine-tuning keeps the features from being torn by a random head's gradients (Kumar et al., ICLR
2022); ridge regression gives such a head without a step of training. Where training then gains nothing, the frozen
network deserves a better one.
"""

from __future__ import annotations

import numpy as np

from headstart.arrays import Labels, Matrix, Vector
from headstart.heads.average import Average
from headstart.heads.head import Head
from headstart.heads.ridge import Ridge
from headstart.heads.statistics import Statistics

FAR_BELOW = 4.0  # how far under the lowest seen class a class starts that no row shows


def ridge_start(X: Matrix, labels: Labels, n_classes: int) -> tuple[Matrix, Vector]:
    """Weights (d, C) and biases (C,) of a softmax layer whose probabilities are the ridge head's, calibrated."""
    head = Ridge().fit(X, labels)
    coef, intercept = np.zeros((X.shape[1], n_classes)), np.zeros(n_classes)
    coef[:, head.classes_] = head.coef_ / head.temperature_
    intercept[head.classes_] = head.intercept_ / head.temperature_
    unseen = np.setdiff1d(np.arange(n_classes), head.classes_)
    intercept[unseen] = (intercept[head.classes_] + X.mean(axis=0) @ coef[:, head.classes_]).min() - FAR_BELOW
    return coef, intercept


def frozen_head(X: Matrix, labels: Labels, n_classes: int, *, seed: int = 0) -> Head:
    """What is put on frozen features (n, d) where nothing is trained; fitted, with a column for every class.

    It is the average of heads, the best that is known with few rows, or ridge where that would take too long.
    """
    average = Average(seed=seed)
    head: Head = Ridge() if average.refusal(len(X), X.shape[1], n_classes, sparse=False) else average
    return head.fit_statistics(Statistics.of(head.prepare(X), labels, classes=np.arange(n_classes)))
