"""The 2x2 matrix of the lectures, measured: is there little data, and is the target like what the network knows?

The matrix (Karpathy, CS231n notes, 2015) asks for the size of the target and its similarity to the source and names
neither's unit. "Small" is measured as a learning curve that is still steep, "similar" as the pretrained representation
foretelling the target's labels better than the raw input does, with its last layer among the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from headstart.results import fraction

Size: TypeAlias = Literal["small", "large"]
Similarity: TypeAlias = Literal["similar", "different"]
STEEP = 0.02  # accuracy that twice as many labels would add
FEW_PER_CLASS = 50  # the lecture's own axis, where no curve could be measured

LECTURE = {
    ("small", "similar"): ("frozen", "a new head on frozen features"),
    ("small", "different"): ("finetune", "freeze the first layers, retrain the rest"),
    ("large", "similar"): ("finetune", "fine-tune the whole network"),
    ("large", "different"): ("scratch", "train from scratch"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where the target falls, what the lecture says there, what was measured, and whether both agree."""

    size: Size
    similarity: Similarity
    lecture: str
    measured: str
    agrees: bool
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.size} and {self.similarity}"


def cell_of(
    *, per_class: float, rise: float, r2: float, raw_r2: float, last_layer_leads: bool, taken: str, taken_name: str
) -> Cell:
    """The cell of a target, beside the strategy that was `taken`.

    per_class         labelled rows per class
    rise              accuracy that twice as many labels would add to a frozen head, NaN where not known
    r2, raw_r2        leave-one-out R² of the pretrained features and of the raw input
    last_layer_leads  no lower layer is better beyond noise
    """
    known = rise == rise
    small = rise > STEEP if known else per_class < FEW_PER_CLASS
    similar = last_layer_leads and r2 > max(raw_r2, 0.0)
    size: Size = "small" if small else "large"
    similarity: Similarity = "similar" if similar else "different"
    strategy, advice = LECTURE[size, similarity]
    return Cell(
        size=size, similarity=similarity, lecture=advice, measured=taken_name, agrees=strategy == taken,
        words=(_size_words(per_class, rise, small, known), _similarity_words(r2, raw_r2, last_layer_leads, similar)),
    )  # fmt: skip


def _size_words(per_class: float, rise: float, small: bool, known: bool) -> str:
    if not known:
        few = "fewer" if small else "no fewer"
        return f"{per_class:.0f} labels per class, {few} than {FEW_PER_CLASS}; too few rows to measure a learning curve"
    if small:
        return f"small: twice as many labels would still add {100 * rise:.1f} points to a frozen head"
    return f"large: twice as many labels would add only {100 * rise:.1f} points to a frozen head"


def _similarity_words(r2: float, raw_r2: float, last_layer_leads: bool, similar: bool) -> str:
    foretold = f"pretrained features foretell {fraction(max(r2, 0.0), 2)} of the labels' variation, the raw input "
    foretold += fraction(max(raw_r2, 0.0), 2)
    if similar:
        return f"similar: {foretold}, and the last layer is among the best"
    if not last_layer_leads:
        return f"different: a lower layer is better than the last one ({foretold})"
    return f"different: {foretold}"
