"""All that a validator may look at: answers on the target, and on source rows that the fit did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headstart.adaptation.adapter import Adapter
from headstart.arrays import Labels, Matrix, Vector


@dataclass(frozen=True, eq=False)
class Evidence:
    """adapter   fitted on source rows Xs (ns, d) with codes ys (ns,), and target rows Xt (nt, d)
    target      its probabilities of the target rows (nt, C)
    held_out    its probabilities of source rows it did not see (h, C), and their codes held_out_y (h,)
    importance  p_target / p_source of the held-out rows (h,)
    """

    adapter: Adapter
    Xs: Any
    ys: Labels
    Xt: Any
    target: Matrix
    held_out: Matrix
    held_out_y: Labels
    importance: Vector
