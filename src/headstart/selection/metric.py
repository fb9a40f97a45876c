"""The contract of every metric: features with labels in, one number out, its facts on the class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from headstart.arrays import Vector
from headstart.errors import DataError
from headstart.selection.labelled import LabelledFeatures

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Measurement:
    """What a metric found.

    value    the number; larger is better unless the metric says otherwise
    se       its standard error over rows; NaN where the metric has none
    rows     (m,) what each kept row contributes, `value` being their weighted mean; None where it is no mean over rows.
             Two candidates on the same rows are compared pairwise by them
    setting  what was chosen on the way ("ridge 0.31", "k 5")
    """

    value: float
    se: float = NAN
    rows: Vector | None = None
    setting: str = ""


class Metric(ABC):
    """Scores one backbone and layer by its features on the target's labelled rows.

    Facts, read by the ranking, the docs and the contract tests:

    name                     its name in `METRICS`
    higher_is_better         False for distances
    needs_labels             of the target's rows
    needs_source_head        the probabilities that the source's own classifier gives the rows (`source_proba`)
    needs_source_data        labelled rows of the source (`source`)
    in_accuracy_units        0..1, an estimate of how much a classifier on these features gets right
    comparable_across_tasks  numbers of two tasks (other classes, other counts) mean the same
    level_on_noise           does not rise with the number of columns where features say nothing, even beyond n columns
    from_spectrum            comes out of the shared eigendecomposition at hardly any cost
    """

    name: ClassVar[str]
    higher_is_better: ClassVar[bool] = True
    needs_labels: ClassVar[bool] = True
    needs_source_head: ClassVar[bool] = False
    needs_source_data: ClassVar[bool] = False
    in_accuracy_units: ClassVar[bool] = False
    comparable_across_tasks: ClassVar[bool] = False
    level_on_noise: ClassVar[bool] = True
    from_spectrum: ClassVar[bool] = False

    def measure(self, features: LabelledFeatures) -> Measurement:
        """Score the features. Raises `DataError` where they lack what the metric needs."""
        if self.needs_source_head and features.source_proba is None:
            raise DataError(
                f"{self.name} asks what the source's own classifier answers; give `source_proba` (n, source classes), "
                "or take a metric that needs features alone"
            )
        if self.needs_source_data and features.source is None:
            raise DataError(f"{self.name} compares two labelled data sets; give the source's features as `source`")
        return self._measure(features)

    @abstractmethod
    def _measure(self, features: LabelledFeatures) -> Measurement: ...
