"""Tables of a benchmark: printed, and kept as Markdown beside what they were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
DATA = Path(os.environ.get("HEADSTART_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
_PACKAGES = ("headstart", "torch", "numpy", "scipy", "scikit-learn", "pillow", "safetensors", "timm", "transformers",
             "sentence-transformers", "onnxruntime")  # fmt: skip

Table = tuple[Sequence[str], Sequence[Sequence[object]]]  # column names, rows


def report(
    name: str,
    title: str,
    tables: Mapping[str, Table],
    notes: Sequence[str] = (),
    *,
    quick: bool = False,
    part: bool = False,
) -> str:
    """Print the tables and write `results/<name>.md`, unless `quick`: figures of a smoke test are not kept.

    part  the file holds several reports, each under its title: only the one of this title is replaced
    """
    parts = [f"# {title}", surroundings()]
    parts += [f"## {heading}\n\n{markdown(columns, rows)}" for heading, (columns, rows) in tables.items()]
    if notes:
        parts.append("\n".join(f"- {note}" for note in notes))
    text = "\n\n".join(parts) + "\n"
    print(text)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{name}.md"
        kept = with_part(file.read_text(encoding="utf-8"), text) if part and file.exists() else text
        file.write_text(kept, encoding="utf-8")
    return text


def with_part(whole: str, part: str) -> str:
    """The file's text with this report in place of the one of the same title, or at its end; by title otherwise."""
    reports = {one.partition("\n")[0]: one.strip() for one in re.split(r"^(?=# )", whole, flags=re.MULTILINE) if one}
    reports[part.partition("\n")[0]] = part.strip()
    return "\n\n".join(reports[title] for title in sorted(reports)) + "\n"


def markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table whose source is aligned; numbers to the right."""
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(columns, *cells, strict=True)]
    right = [all(_is_number(row[at]) for row in cells) and bool(cells) for at in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        padded = (text.rjust(w) if r else text.ljust(w) for text, w, r in zip(row, widths, right, strict=True))
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (w + 1) + (":" if r else "-") for w, r in zip(widths, right, strict=True))
    return "\n".join([line(columns), f"|{rule}|", *map(line, cells)])


def surroundings() -> str:
    """Date, machine and versions: what a reader needs to repeat it."""
    versions = {package: version(package) for package in _PACKAGES}
    installed = ", ".join(f"{package} {number}" for package, number in versions.items() if number)
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d} · {os.cpu_count()} cores, {cpu_model()}, {platform.system()}{load}  \n"
        f"Python {platform.python_version()}, {installed}"
    )


def cpu_model() -> str:
    """As the kernel names it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def version(package: str) -> str:
    """Of an installed package, "" where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}" if abs(cell) < 1 else f"{cell:.4g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _is_number(text: str) -> bool:
    return text.replace(",", "").lstrip("+-").replace(".", "", 1).rstrip("%×").strip().isdigit()
