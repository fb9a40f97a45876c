"""MixVal: mixtures of target rows should be answered like the row that has more of them (Hu et al., NeurIPS 2023)."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.validators.evidence import Evidence
from headstart.arrays import Labels

SHARE = 0.55  # of the first row in a mixture


def mixed(evidence: Evidence) -> float:
    """Share of mixtures answered like their larger part: mean over mixtures within a guessed class, which probe how
    tight the classes are, and across classes, which probe where the boundary lies; 0 where all is called one class."""
    guesses = evidence.target.argmax(axis=1)
    partners = np.random.default_rng(0).permutation(len(guesses))
    if len(np.unique(guesses)) < 2:
        return 0.0
    mixtures = SHARE * evidence.Xt + (1 - SHARE) * evidence.Xt[partners]
    kept = np.asarray(evidence.adapter.predict(mixtures)) == evidence.adapter.classes_[_places(evidence, guesses)]
    within = guesses == guesses[partners]
    return float(np.mean([kept[part].mean() for part in (within, ~within) if part.any()]))


def _places(evidence: Evidence, guesses: Labels) -> Labels:
    """Where each code stands among the classes that the adapter was fitted on."""
    return np.searchsorted(evidence.adapter.classes_, guesses)
