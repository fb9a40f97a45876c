"""Transport between other columns on each side, on small pairs: without a label in the target, and with a few."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator

import numpy as np
from adaptation_pairs import Pair
from sklearn.datasets import load_digits, load_wine
from sklearn.preprocessing import StandardScaler

from headstart.adaptation import ADAPTERS
from headstart.heads.lda import LDA

METHODS = ("gromov_transport", "co_optimal_transport")
LABELS = (0, 3)


def other_columns() -> Iterator[Pair]:
    """Digits whose pixels were dealt out anew; wines measured by other instruments: 13 columns turned in space."""
    rng = np.random.default_rng(0)
    for name, (X, y) in (("digits", load_digits(return_X_y=True)), ("wine", load_wine(return_X_y=True))):
        X = X / 16 if name == "digits" else StandardScaler().fit_transform(X)
        first, second = np.array_split(rng.permutation(len(X))[:600], 2)
        order = rng.permutation(X.shape[1])
        yield Pair(f"{name}, columns shuffled", X[first], y[first], X[second][:, order], X[second][:, order], y[second])
        if name == "wine":
            turned = X[second] @ np.linalg.qr(rng.standard_normal((X.shape[1], X.shape[1])))[0]
            yield Pair(f"{name}, turned in space", X[first], y[first], turned, turned, y[second])


def across(*, quick: bool) -> Iterator[tuple[str, str, tuple[float, float, float]]]:
    """(method, case, (percent right of the rows without label, percent of the commonest class, processor seconds))."""
    for pair in list(other_columns())[-1:] if quick else other_columns():
        chance = 100 * float(np.bincount(pair.ye).max()) / len(pair.ye)
        for method in METHODS:
            for labels in LABELS:
                yt = np.full(len(pair.ye), -1)
                for code in np.unique(pair.ys):
                    known = np.flatnonzero(pair.ye == code)[:labels]
                    yt[known] = code
                started = time.process_time()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    said = ADAPTERS[method](head=LDA(shrinkage=0.1)).fit(pair.Xs, pair.ys, pair.Xt, yt).predict(pair.Xe)
                right = 100 * float((said == pair.ye)[yt < 0].mean())
                case = f"{pair.name}, {labels or 'no'} labels{' a class' if labels else ''}"
                yield method, case, (right, chance, time.process_time() - started)
