"""What a transfer run gives back: the model, everything that was compared, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.models.model import Model
from headstart.reports.table import comparison_table, with_notes
from headstart.results import to_plain
from headstart.strategies.findings import Findings


@dataclass(frozen=True, eq=False)
class Result:
    """Printing it shows the comparison; `report` is the same as an HTML page."""

    model: Model
    findings: Findings

    @property
    def report(self) -> str:
        """One self-contained HTML page."""
        return self.model.pages["report.html"]

    def save(self, folder: str | Path, *, standalone: bool = False, overwrite: bool = False) -> Path:
        """The model folder with its card and its report."""
        return self.model.save(folder, standalone=standalone, overwrite=overwrite)

    def to_dict(self) -> dict[str, Any]:
        return dict(to_plain(self.findings))

    def table(self, *, ascii: bool = False) -> str:
        """The comparison and the notes for a terminal; `ascii` for one that cannot show more."""
        return with_notes(comparison_table(self.findings, ascii=ascii), self.findings.notes, ascii=ascii)

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__
