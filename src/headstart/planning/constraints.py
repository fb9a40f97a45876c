"""What a plan must keep to: time, latency, size, licence."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass

from headstart.errors import PlanError

_UNITS = {"ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "": 1.0}
_SIZES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "g": 1_000_000_000}


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """Limits, None where there is none.

    budget      seconds for executing the plan
    latency     seconds for one sample
    max_params  weights of the network
    license     patterns, any of which the licence of the weights must match ("apache*")
    """

    budget: float | None = None
    latency: float | None = None
    max_params: int | None = None
    license: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("budget", "latency", "max_params"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise PlanError(f"{name}={value} leaves nothing to do; give a positive number")

    def refusal(self, *, seconds: float, latency: float, parameters: int, license: str) -> str:
        """The first limit that is broken, in words; "" where all are kept."""
        if self.license and parameters and not self.allows(license):
            return f"licence '{license or 'unknown'}' matches none of {', '.join(self.license)}"
        if self.max_params is not None and parameters > self.max_params:
            return f"{parameters:,} weights, at most {self.max_params:,} are wanted"
        if self.latency is not None and latency > self.latency:
            return f"{1000 * latency:.1f} ms a sample, at most {1000 * self.latency:.1f} are wanted"
        if self.budget is not None and seconds > self.budget:
            return f"about {seconds:.0f} s, the budget is {self.budget:.0f} s"
        return ""

    def allows(self, license: str) -> bool:
        """Whether a licence matches one of the patterns; capitals do not matter."""
        return any(fnmatch.fnmatch(license.lower(), pattern.lower()) for pattern in self.license)


def seconds_of(text: str | float) -> float:
    """A duration in seconds.

    >>> seconds_of("10min"), seconds_of("1.5h"), seconds_of("30"), seconds_of("20ms")
    (600.0, 5400.0, 30.0, 0.02)

    Raises `PlanError` for anything else.
    """
    if isinstance(text, int | float):
        return float(text)
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if not found or found[2] not in _UNITS:
        raise PlanError(f"'{text}' is no duration; write for example 90s, 10min, 2h or 20ms")
    return float(found[1]) * _UNITS[found[2]]


def count_of(text: str | int) -> int:
    """A number of weights.

    >>> count_of("25M"), count_of("500k"), count_of(12)
    (25000000, 500000, 12)

    Raises `PlanError` for anything else.
    """
    if isinstance(text, int):
        return text
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmbg]?)\s*", text.lower())
    if not found:
        raise PlanError(f"'{text}' is no number of weights; write for example 500k, 25M or 1B")
    return int(float(found[1]) * _SIZES[found[2]])
