"""All that a transfer run found out, as plain values: what the report, `--json` and the model folder show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from headstart.results import Interval, Score

Kind: TypeAlias = Literal[
    "frozen features", "fine-tuned", "mixture", "from scratch", "source only", "random weights", "raw input", "majority"
]
TRANSFERS: tuple[Kind, ...] = ("frozen features", "fine-tuned")  # a mixture is made of these and of nulls
NULLS: tuple[Kind, ...] = ("from scratch", "source only", "random weights", "raw input", "majority")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the comparison: a candidate or a null baseline, scored on the same folds as all others.

    validation  accuracy on the folds of the training rows; choices rest on this alone
    test        accuracy on the held-out rows, None where there are none (then validation is repeated cross-validation)
    gain        accuracy over "from scratch" on the same held-out rows, paired; None for scratch itself
    seconds     wall time to compute, fit and score; 0 where everything was stored
    bytes       size of what would be shipped
    """

    name: str
    kind: Kind
    backbone: str = ""
    layer: str = ""
    head: str = ""
    validation: Score
    test: Score | None = None
    gain: Interval | None = None
    seconds: float = 0.0
    bytes: int = 0
    chosen: bool = False
    note: str = ""

    @property
    def is_null(self) -> bool:
        return self.kind in NULLS

    @property
    def held_out(self) -> Score:
        """The test score, or repeated cross-validation where no row could be held out."""
        return self.test or self.validation


@dataclass(frozen=True, kw_only=True)
class Training:
    """How one entry was fine-tuned, and what proves it.

    move       the word or layer that said what moves; `boundary` the layer below which nothing does ("": none)
    moved      numbers that moved, of `numbers` in the network
    frozen     digest over all that was not to move: the same before and after
    kept       the round after which training ended (0: none, the best head known without it on frozen features)
    fits       runs that were scored on rows they did not learn from
    losses     mean training loss per round, of the run on all training rows
    validation, accuracy   per round from 0 on: calibrated loss and accuracy of the rows left out, all runs together
    passes     forward passes through the frozen part that were made; `avoided` those that stored activations saved
    saved      seconds that those would have taken
    recipe     everything that decided the run
    way        share of the way from the start to the trained weights that was gone in the end
    """

    name: str
    move: str
    boundary: str
    moved: int
    numbers: int
    frozen: str
    kept: int
    steps: int
    fits: int
    losses: tuple[float, ...]
    validation: tuple[float, ...]
    accuracy: tuple[float, ...]
    passes: int
    avoided: int
    saved: float
    seconds: float
    recipe: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    way: float = 1.0


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Accuracy of one entry when it may learn from `n` labelled rows."""

    n: int
    accuracy: Interval


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A held-out sample that the model got wrong with confidence.

    `excerpt` is the text itself (shortened); `thumbnail` a small encoded picture as a data URI.
    """

    id: str
    truth: str
    predicted: str
    confidence: float
    excerpt: str = ""
    thumbnail: str = ""


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How far probabilities can be believed, on held-out rows. Per bin: mean confidence, accuracy, count."""

    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    count: tuple[int, ...]
    error_before: float
    error_after: float
    temperature: float


@dataclass(frozen=True, kw_only=True)
class AbstainPoint:
    """Answering only above this confidence: what share is answered, and how much of it is right."""

    threshold: float
    answered: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """One member of a mixture: how much its answer counts (all weights add up to 1), and what it takes to ship it."""

    name: str
    kind: Kind
    weight: float
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """Why several answer together, and what that costs.

    shares   its members; the first is what would be delivered alone
    gain     nats of log loss per row below the best member alone, on the folds, the weights chosen on the other folds
    maps     distinct backbones that are asked for an answer; `bytes` to ship all of it
    latency  seconds for one sample, `alone` those of the first member (NaN where not measured)
    """

    shares: tuple[Share, ...]
    gain: Interval
    maps: int
    bytes: int
    latency: float = float("nan")
    alone: float = float("nan")

    def __str__(self) -> str:
        gain = f"{self.gain.value:.3f} [{self.gain.low:.3f}, {self.gain.high:.3f}]"
        words = (
            f"Mixed: {' + '.join(f'{each.weight:.2f} of {each.name}' for each in self.shares)}. On the folds its log "
            f"loss is {gain} below that of the best of them alone. An answer asks {self.maps} backbones "
            f"({self.bytes / 1e6:,.1f} MB to ship, {self.shares[0].bytes / 1e6:,.1f} MB for the first alone"
        )
        if self.latency == self.latency:
            words += f"; {1e3 * self.latency:.1f} ms a sample, {1e3 * self.alone:.1f} ms alone"
        return f"{words}); --mix never keeps one."


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What the delivered strategy gains, and at how many labels that was measured: with others it may be another.

    n           training rows
    rows        rows the gains were measured on (`measured_on`: held-out rows, or rows of the folds where none are)
    worst       smallest gain over a baseline on the folds: what the guard looked at
    planned     what a plan said, with the accuracy it `foretold`; "" and None without a plan
    replaced    why something else than planned was delivered, "" where it was not
    mixed       what answers together and at what cost, "" where one strategy is delivered
    """

    strategy: str
    n: int
    measured_on: str
    rows: int
    over_scratch: Interval | None
    over_target_only: Interval | None
    worst: Interval | None = None
    planned: str = ""
    foretold: Interval | None = None
    replaced: str = ""
    mixed: str = ""

    def __str__(self) -> str:
        gains = (("learning from scratch", self.over_scratch), ("the target alone", self.over_target_only))
        told = [f"{_in_points(gain)} over {what}" for what, gain in gains if gain is not None]
        words = (
            f"{self.strategy}: {' and '.join(told) or 'no baseline to compare with'}, learned from {self.n:,} labels"
        )
        words += f" and measured on {self.rows:,} {self.measured_on}."
        if self.planned:
            words += f" Planned: {self.planned}" + (f", foretold {self.foretold}." if self.foretold else ".")
        return " ".join(filter(None, [words, self.replaced, self.mixed]))


def _in_points(gain: Interval) -> str:
    return f"{100 * gain.value:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything the report needs; nothing in here is a live object."""

    title: str
    verdict: str
    created: str
    modality: str
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]
    n_samples: int
    n_labelled: int
    n_train: int
    n_test: int
    split: str
    source: str
    entries: tuple[Entry, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: Reliability | None
    abstain: tuple[AbstainPoint, ...]
    curves: dict[str, tuple[CurvePoint, ...]]
    mistakes: tuple[Mistake, ...]
    rejects: tuple[tuple[str, str], ...]
    duplicates: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    trainings: tuple[Training, ...] = ()
    costs: dict[str, float] = field(default_factory=dict)
    repeat: dict[str, Any] = field(default_factory=dict)
    certificate: Certificate | None = None
    mixing: Mixing | None = None

    @property
    def chosen(self) -> Entry:
        return next(entry for entry in self.entries if entry.chosen)

    @property
    def scratch(self) -> Entry | None:
        return next((entry for entry in self.entries if entry.kind == "from scratch"), None)
