"""One thing `headstart doctor` looked at, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["ok", "note", "missing", "broken"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`note`: works, with something to know; `missing`: optional and absent; `broken`: installed and unusable.

    `fix` is what a person can type or do about it.

    >>> print(Finding(name="timm", status="missing", detail="not installed", fix="pip install 'headstart[vision]'"))
    missing  timm: not installed
             → pip install 'headstart[vision]'
    """

    name: str
    status: Status
    detail: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.status:8} {self.name}: {self.detail}"
        return line + (f"\n{'':9}→ {self.fix}" if self.fix else "")
