"""The plan: which strategies there are, what each may be expected to give and cost, which one is taken and why."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, get_args

from headstart.errors import PlanError
from headstart.planning.cell import Cell
from headstart.planning.constraints import Constraints
from headstart.planning.strict import read_fields
from headstart.problem import Modality
from headstart.results import Interval, to_plain
from headstart.strategies.findings import CurvePoint

FORMAT = 1
Strategy: TypeAlias = Literal["frozen", "finetune", "scratch", "target only"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One strategy, as foretold.

    backbone, layers  what it starts from ("" and () where it starts from nothing)
    options           that open the backbone, beside its name
    move, epochs      of fine-tuning; "" and None otherwise
    accuracy          foretold, with its interval; None where every probe abstains
    over_scratch, over_target_only   gains foretold, None where one side is not known
    p_negative        probability that it ends below the better of both baselines; NaN where not known
    seconds           that executing it would take, its baselines not counted
    memory            bytes at the peak, roughly
    parameters        weights of the network
    latency           seconds for one sample, computed alone
    evidence          the probe that its accuracy rests on
    abstained         why other probes had nothing to say, "" where all spoke
    refused           the limit or rule that excludes it, "" where it may be taken
    """

    strategy: Strategy
    backbone: str = ""
    options: Mapping[str, Any] | None = None
    layers: tuple[str, ...] = ()
    move: str = ""
    epochs: int | None = None
    accuracy: Interval | None = None
    over_scratch: Interval | None = None
    over_target_only: Interval | None = None
    p_negative: float = float("nan")
    seconds: float = 0.0
    memory: int = 0
    parameters: int = 0
    latency: float = 0.0
    license: str = ""
    evidence: str = ""
    abstained: str = ""
    refused: str = ""

    @property
    def name(self) -> str:
        """What a person calls it."""
        network = backbone_in_words(self.backbone, self.options)
        where = f"{network} · {layers_in_words(self.layers)}" if self.layers else network
        return {
            "frozen": f"frozen · {where}",
            "finetune": f"fine-tune {self.move} · {network}",
            "scratch": "from scratch",
            "target only": "target only · raw input",
        }[self.strategy]


@dataclass(frozen=True, kw_only=True)
class LayerPoint:
    """One layer of one backbone: accuracy of a head on it alone, and R² of its leave-one-out."""

    backbone: str
    layer: str
    accuracy: Interval
    r2: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When, which and how: options best first, the one that is taken, and what that rests on.

    chosen      position in `options`
    reasons     why, in sentences
    cell        the size x similarity cell of the lecture, and whether the measurement agrees
    profile     accuracy over the layers of the leading backbones
    curve       accuracy over the number of labels, of the leading frozen features
    beyond      the same at twice as many labels, by the law
    split       digest of the rows and folds it was made on
    """

    data: str
    modality: Modality
    n_labelled: int
    n_train: int
    n_classes: int
    split: str
    seed: int
    test: float
    columns: Mapping[str, str | None]
    constraints: Constraints
    options: tuple[Option, ...]
    chosen: int
    reasons: tuple[str, ...]
    cell: Cell | None
    profile: tuple[LayerPoint, ...]
    curve: tuple[CurvePoint, ...]
    beyond: CurvePoint | None
    notes: tuple[str, ...] = ()
    probing_seconds: float = 0.0
    format: int = FORMAT

    def __post_init__(self) -> None:
        if not 0 <= self.chosen < len(self.options):
            raise PlanError(f"chosen={self.chosen}, but there are {len(self.options)} options, counted from 0")
        for option in self.options:
            if option.strategy not in STRATEGIES:
                raise PlanError(f"strategy '{option.strategy}'; known: {', '.join(STRATEGIES)}")
        if self.option.refused:
            raise PlanError(f"the option chosen ({self.option.name}) is one that is refused: {self.option.refused}")

    @property
    def option(self) -> Option:
        """The option that is taken."""
        return self.options[self.chosen]

    def to_dict(self) -> dict[str, Any]:
        return dict(to_plain(self))

    def save(self, path: str | Path) -> Path:
        """Write the plan as JSON; `load_plan` reads it again."""
        path = Path(path)
        path.write_text(json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """A plan from plain values. Raises `PlanError` for an unknown or missing key, or a value of another kind."""
        if isinstance(values, dict) and values.get("format", FORMAT) != FORMAT:
            raise PlanError(f"this plan has format {values.get('format')}; this headstart reads format {FORMAT}")
        return read_fields(cls, values, where="plan")

    def __str__(self) -> str:
        from headstart.planning.table import plan_text

        return plan_text(self)

    __repr__ = __str__


def load_plan(path: str | Path) -> Plan:
    """A plan from its file. Raises `PlanError` for a file that is missing, no JSON, or no plan."""
    path = Path(path)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise PlanError(f"no plan at {path}: {cause.strerror}; `headstart plan DATA -o {path}` makes one") from cause
    except ValueError as cause:
        raise PlanError(f"{path} is not JSON ({cause}); make the plan again") from cause
    try:
        return Plan.from_dict(values)
    except PlanError as cause:
        raise PlanError(f"{path}: {cause}") from cause


def backbone_in_words(name: str, options: Mapping[str, Any] | None) -> str:
    """A backbone's name; its file's in place of the network's where the weights come from one: two may be of one make.

    >>> backbone_in_words("timm/resnet18", {"checkpoint": "weights/birds.safetensors"})
    'timm/birds'
    """
    checkpoint = (options or {}).get("checkpoint")
    if not checkpoint:
        return name
    return f"{name.partition('/')[0]}/{Path(str(checkpoint)).name.removesuffix('.safetensors')}"


def layers_in_words(layers: tuple[str, ...]) -> str:
    return layers[0] if len(layers) == 1 else f"{layers[0]}…{layers[-1]}"


def likely(option: Option) -> float:
    """The foretold accuracy, -inf where it is not known: for sorting."""
    return -math.inf if option.accuracy is None else option.accuracy.value
