"""Do two collections of texts share a language, and which words tell them apart?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
FOREIGN = 0.5


@dataclass(frozen=True)
class UnknownWords:
    """Shares of word occurrences that the source's vocabulary lacks: in the target, and in one half of the source
    against the other half's."""

    target: float
    between_halves: float

    @property
    def note(self) -> str:
        """A sentence where the target looks like another language; empty where it does not."""
        if self.target < FOREIGN or self.target < 2 * self.between_halves:
            return ""
        return (
            f"{self.target:.0%} of the target's words never occur in the source ({self.between_halves:.0%} between two "
            "halves of the source): another language?"
        )


def unknown_words(source: Sequence[str], target: Sequence[str]) -> UnknownWords:
    """
    >>> unknown_words(["a good film", "a bad film"], ["ein guter film", "schlecht"]).target
    0.75
    """
    return UnknownWords(_rate(source, target), _rate(source[::2], source[1::2]))


def telling_words(source: Sequence[str], target: Sequence[str], *, most: int = 12) -> tuple[tuple[str, float], ...]:
    """Words whose share of texts differs most between the sides, in standard errors; positive: the target's."""
    counts = [Counter(word for text in side for word in set(_WORD.findall(text.lower()))) for side in (source, target)]
    n, m = max(len(source), 1), max(len(target), 1)
    scores = {}
    for word in counts[0].keys() | counts[1].keys():
        p, q = counts[0][word] / n, counts[1][word] / m
        pooled = (counts[0][word] + counts[1][word] + 1) / (n + m + 2)
        scores[word] = (q - p) / (pooled * (1 - pooled) * (1 / n + 1 / m)) ** 0.5
    order = sorted(scores, key=lambda word: (-abs(scores[word]), word))
    return tuple((word, scores[word]) for word in order[:most])


def _rate(known: Sequence[str], asked: Sequence[str]) -> float:
    vocabulary = {word for text in known for word in _WORD.findall(text.lower())}
    words = [word for text in asked for word in _WORD.findall(text.lower())]
    return sum(word not in vocabulary for word in words) / max(len(words), 1)
