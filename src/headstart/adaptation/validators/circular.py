"""Circular validation: adapt back from the target's guessed labels, and see how much of the source returns (Bruzzone &
Marconcini, TPAMI 2010; Zhong et al., ECML 2010)."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.base import clone

from headstart.adaptation.validators.evidence import Evidence
from headstart.errors import DataError


def circular(evidence: Evidence) -> float:
    """Accuracy on the source of the same method fitted from the target, labelled by the adapted classifier; 0 where it
    calls everything one class, or the way back cannot be gone."""
    guesses = evidence.target.argmax(axis=1)
    if len(np.unique(guesses)) < 2 or evidence.adapter.needs_target_labels:
        return 0.0
    back = clone(evidence.adapter)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what concerns the way back is nobody's business
            back.fit(evidence.Xt, guesses, evidence.Xs)
    except DataError:
        return 0.0
    return float((back.predict(evidence.Xs) == evidence.ys).mean())
