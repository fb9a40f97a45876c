"""The strategies by name: what `headstart transfer --strategy` takes; and whether they may be mixed (`--mix`)."""

from __future__ import annotations

from typing import Literal, TypeAlias

StrategyName: TypeAlias = Literal["auto", "frozen", "finetune", "scratch", "architecture"]
STRATEGIES: tuple[StrategyName, ...] = ("auto", "frozen", "finetune", "scratch", "architecture")
MixName: TypeAlias = Literal["auto", "never"]
MIXES: tuple[MixName, ...] = ("auto", "never")
