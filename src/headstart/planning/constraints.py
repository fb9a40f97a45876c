"""What a plan must keep to: time to execute it, and the limits that bind any choice of backbones."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.errors import PlanError
from headstart.selection.limits import Limits, Size


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """Limits as a plan's file names them, None where there is none.

    budget      seconds for executing the plan
    latency     seconds for one sample
    max_params  weights of the network
    license     patterns, any of which the licence of the weights must match (`selection.limits.allows`)

    Raises `PlanError` or `DataError` for a limit that lets nothing through.
    """

    budget: float | None = None
    latency: float | None = None
    max_params: int | None = None
    license: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.budget is not None and not self.budget > 0:
            raise PlanError(f"budget={self.budget} leaves nothing to do; give a positive number")
        _ = self.limits  # checks the others

    @property
    def limits(self) -> Limits:
        """The same as a ranking takes them."""
        return Limits(params=self.max_params, latency=self.latency, licenses=self.license)

    def refusal(self, *, seconds: float, latency: float, parameters: int, license: str) -> str:
        """The first limit that is broken, in words; "" where all are kept."""
        if broken := self.limits.refusal(Size(params=parameters, latency=latency), license):
            return broken
        if self.budget is not None and seconds > self.budget:
            return f"about {seconds:.0f} s, the budget is {self.budget:.0f} s"
        return ""
