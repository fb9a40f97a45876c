"""What a backbone must not exceed: parameters, memory, seconds per sample, licence."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.backbones.backbone import Backbone
from headstart.data.samples import Item
from headstart.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a backbone costs: parameters, bytes of its weights, seconds for one sample (NaN where not measured)."""

    params: int = 0
    bytes: int = 0
    latency: float = float("nan")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Upper bounds; None bounds nothing.

    params    parameters; bytes  of the weights; latency  seconds for one sample, preparation included
    licenses  words one of which the licence must hold ("apache", "mit"); an unknown licence holds none
    most      backbones looked at: beyond, those of the weakest public figures are left out, unknown ones kept
    """

    params: float | None = None
    bytes: float | None = None
    latency: float | None = None
    licenses: tuple[str, ...] = ()
    most: int = 20

    def __post_init__(self) -> None:
        for name in ("params", "bytes", "latency", "most"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise DataError(f"the limit {name}={value} lets nothing through; it must be positive")

    def refusal(self, size: Size, license: str) -> str:
        """Why a backbone is left out; "" where it is not."""
        if self.licenses and not any(word.lower() in license.lower() for word in self.licenses):
            return f"licence '{license}' is none of {', '.join(self.licenses)}"
        for name, value, limit, unit in (
            ("parameters", size.params / 1e6, (self.params or 0) / 1e6, "million"),
            ("weights", size.bytes / 2**20, (self.bytes or 0) / 2**20, "MiB"),
            ("latency", 1e3 * size.latency, 1e3 * (self.latency or 0), "ms per sample"),
        ):
            if limit and value > limit:
                return f"{name}: {value:,.1f} {unit}, limit {limit:,.1f}"
        return ""


def size_of(backbone: Backbone) -> Size:
    """Parameters and bytes of the network; 0 for maps without weights."""
    module = getattr(backbone, "module", None)
    tensors = list((backbone.state() if module is None else module.state_dict()).values())
    return Size(params=sum(each.numel() for each in tensors), bytes=sum(each.nbytes for each in tensors))


def latency_of(backbone: Backbone, items: Sequence[Item], *, times: int = 3) -> float:
    """Median seconds to prepare and embed one sample, after one to warm up; NaN without samples."""
    taken = []
    for item in [*items[:1], *items[:times]]:
        started = time.perf_counter()
        backbone.embed(backbone.collate([backbone.prepare(item)]), backbone.layers[-1:])
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:]) if len(taken) > 1 else float("nan")
