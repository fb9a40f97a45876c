"""The field's formal words: a domain is {X, P(X)}, a task {Y, P(Y given X)} (Pan & Yang, TKDE 2010, sec. 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Modality: TypeAlias = Literal["image", "text", "audio", "vector"]
MODALITIES: tuple[Modality, ...] = ("image", "text", "audio", "vector")

UNLABELLED = -1


@dataclass(frozen=True)
class Domain:
    """Where samples live: the feature space X. P(X) is only known through the samples themselves."""

    modality: Modality
    name: str = ""
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        width = f", {len(self.columns)} columns" if self.columns else ""
        return f"{self.name or 'unnamed'} ({self.modality}{width})"


@dataclass(frozen=True)
class Task:
    """What is asked of a sample: the label space Y, as class names in the order that label codes count them.

    >>> Task(("ants", "bees")).code("bees")
    1
    """

    classes: tuple[str, ...] = ()

    @property
    def n_classes(self) -> int:
        return len(self.classes)

    def code(self, name: str) -> int:
        """The label code of a class name, -1 when the task does not know it."""
        return self.classes.index(name) if name in self.classes else UNLABELLED

    def codes_of(self, other: Task) -> tuple[int, ...]:
        """For each class of `other` its code here, -1 where this task lacks it."""
        position = {name: code for code, name in enumerate(self.classes)}
        return tuple(position.get(name, UNLABELLED) for name in other.classes)

    def __str__(self) -> str:
        return f"{self.n_classes} classes: {_listing(self.classes)}"


Kind: TypeAlias = Literal["inductive", "transductive", "unsupervised"]
LabelSets: TypeAlias = Literal["closed", "partial", "open", "open partial", "disjoint", "unknown"]


@dataclass(frozen=True)
class Setting:
    """What a pair of source and target makes of transfer (Pan & Yang, TKDE 2010, table 2 and fig. 2).

    kind         inductive: the target has labels; transductive: only the source has; unsupervised: neither has
    variety      the name for this pair: multi-task, self-taught, domain adaptation, covariate shift, label shift ...
    homogeneous  both sides are described by the same features
    label_sets   how the target's classes relate to the source's
    reasons      one sentence for each of these clauses
    """

    kind: Kind
    variety: str
    homogeneous: bool
    label_sets: LabelSets
    reasons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """In one line.

        >>> Setting("transductive", "covariate shift", True, "closed").name
        'transductive, covariate shift; homogeneous; closed label set'
        """
        spaces = "homogeneous" if self.homogeneous else "heterogeneous"
        sets = f"{self.label_sets} label set{'s' if self.label_sets == 'disjoint' else ''}"
        return f"{self.kind}, {self.variety}; {spaces}; {sets}"

    def __str__(self) -> str:
        return "\n".join([self.name, *(f"  - {reason}" for reason in self.reasons)])


def _listing(names: Iterable[str], most: int = 6) -> str:
    names = list(names)
    shown = ", ".join(names[:most])
    return shown + (f" … ({len(names)})" if len(names) > most else "")
