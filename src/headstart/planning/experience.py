"""What training gained elsewhere, as a belief that measurements move, and what another measurement would be worth.

Fine-tuning and learning from scratch are judged by their lead over the best frozen option. Before anything is measured
there is experience: the runs of benchmarks/results/regret.md and finetune.md. A kernel on a hundred rows or a short
race errs by several points, and experience by one or two, so that most probes could not change the choice: these are
not made (the expected value of information; Raiffa & Schlaifer, Applied Statistical Decision Theory, 1961).
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import norm

from headstart.problem import Modality
from headstart.results import Interval

QUANTILE = 1.959964  # of 95 %
# Labels per class from which fine-tuning paid: the lecture's own line between little data and much; encoders of texts
# gained as soon as weights may move at all (movie reviews and TREC).
ENOUGH: dict[Modality, int] = {"image": 50, "text": 5, "vector": 50}
GAINED = (0.12, 0.12)  # share of the best frozen option's errors that it then took away: mean, spread over tasks
WITH_FEW = (0.0, 0.08)  # the same below
LEARNED = (0.02, 0.04)  # accuracy of learning from scratch over a head on the raw input: mean, spread over tasks
KERNEL = 0.02  # accuracy by which a tangent kernel or a short race errs beside the luck of its rows
LIKELY = 2 / 3  # chance of being ahead from which training is taken
WORTH = 0.001  # accuracy that a probe must be expected to add to the choice


@dataclass(frozen=True)
class Lead:
    """Accuracy by which an option is believed to be ahead of the best frozen one, give or take (a standard deviation).

    >>> after = Lead(0.0, 0.03).measured(0.06, 0.03)
    >>> round(after.value, 4), round(after.error, 4)
    (0.03, 0.0212)
    """

    value: float
    error: float

    def measured(self, value: float, error: float) -> Lead:
        """After a measurement that errs by `error`: both weighed by their precision."""
        mine, other = self.error**-2, max(error, 1e-6) ** -2
        return Lead((mine * self.value + other * value) / (mine + other), float((mine + other) ** -0.5))

    @property
    def chance(self) -> float:
        """Of being ahead at all."""
        return float(norm.cdf(self.value / self.error))

    @property
    def likely(self) -> bool:
        return self.chance >= LIKELY

    def beside(self, best: Interval | None) -> Interval:
        """The accuracy it means beside that of the best frozen option."""
        assert best is not None, "what stands was foretold"
        value = min(max(best.value + self.value, 0.0), 1.0)
        half = float(((best.high - best.low) ** 2 / 4 + (QUANTILE * self.error) ** 2) ** 0.5)
        return Interval(value, max(0.0, value - half), min(1.0, value + half))

    def worth(self, error: float, *, taken: bool) -> float:
        """Accuracy that a measurement erring by `error` adds, on average, by changing the choice: losses it saves of an
        option that is `taken` unasked, gains it finds of one that is not."""
        moved = self.error**2 / (self.error**2 + error**2) ** 0.5
        z = (-self.value if taken else self.value) / moved
        return float(moved * (norm.pdf(z) + z * norm.cdf(z)))


def tuning_lead(accuracy: float, per_class: float, modality: Modality) -> Lead:
    """Of fine-tuning over frozen features of this accuracy, with so many labels per class."""
    mean, spread = GAINED if per_class >= ENOUGH[modality] else WITH_FEW
    wrong = max(1 - accuracy, 0.001)
    return Lead(mean * wrong, spread * wrong)


def scratch_lead(accuracy: float, raw: float, error: float) -> Lead:
    """Of learning from scratch over frozen features of this accuracy: that of the raw input, which is `error` unsure,
    and what learning adds to it. It cannot lead by more than there are errors."""
    wrong = max(1 - accuracy, 0.001)
    mean, spread = LEARNED
    return Lead(min(raw - accuracy + mean, wrong / 2), min(float((spread**2 + error**2) ** 0.5), wrong))


def expected_error(accuracy: float, rows: int) -> float:
    """By which a kernel or race on so many rows will miss the lead, where about half of the errors are others'."""
    return float((max(1 - accuracy, 0.001) / max(rows, 1) + KERNEL**2) ** 0.5)
