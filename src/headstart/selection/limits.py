"""What a backbone must not exceed, for rankings and plans alike: weights, memory, seconds per sample, licence."""

from __future__ import annotations

import fnmatch
import re
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
    licenses  patterns one of which the licence must match (`allows`)
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
        if self.licenses and size.params and not any(allows(pattern, license) for pattern in self.licenses):
            return f"licence '{license or 'unknown'}' matches none of {', '.join(self.licenses)}"
        for value, limit, shown in (
            (size.params, self.params, _weights),
            (size.bytes, self.bytes, lambda each: f"{each / 1e6:,.1f} MB of weights"),
            (size.latency, self.latency, lambda each: f"{1e3 * each:.1f} ms a sample"),
        ):
            if limit is not None and value > limit:
                return f"{shown(value)}, the limit is {shown(limit)}"
        return ""


def _weights(number: float) -> str:
    return f"{number / 1e6:,.1f} million weights" if number >= 1e5 else f"{number:,.0f} weights"


def allows(pattern: str, license: str) -> bool:
    """Whether a licence matches a pattern: as a whole or without its version, `*` for any text, capitals alike.

    Weights that nobody else's terms bind (drawn at random, learned here) match every pattern, unknown terms only `*`.

    >>> allows("apache", "Apache-2.0"), allows("cc-by*", "cc-by-nc-4.0"), allows("cc-by", "cc-by-nc-4.0")
    (True, True, False)
    """
    if re.match(r"none\b|own \(", license):
        return True
    written = license.lower() or "unknown"
    plain = re.sub(r"[-_ ]+v?\d.*$", "", written)
    return any(fnmatch.fnmatchcase(each, pattern.lower()) for each in (written, plain))


def size_of(backbone: Backbone) -> Size:
    """Parameters and bytes of the network, or of a map's numbers (a vocabulary has bytes alone); 0 for maps without."""
    module = getattr(backbone, "module", None)
    tensors = list((backbone.state() if module is None else module.state_dict()).values())
    counted = tensors if module is not None else [each for each in tensors if each.is_floating_point()]
    return Size(params=sum(each.numel() for each in counted), bytes=sum(each.nbytes for each in tensors))


def latency_of(backbone: Backbone, items: Sequence[Item], *, times: int = 3) -> float:
    """Median seconds to prepare and embed one sample, after one to warm up; NaN without samples."""
    taken = []
    for item in [*items[:1], *items[:times]]:
        started = time.perf_counter()
        backbone.embed(backbone.collate([backbone.prepare(item)]), backbone.layers[-1:])
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:]) if len(taken) > 1 else float("nan")
