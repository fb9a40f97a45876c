"""Learning from simulation with 1 to 20 labels per class: the demo, and what each part of it is worth.

    python benchmarks/demo.py [--quick] [--per-class K ...] [--folder FOLDER]

Each line is one run of `examples/learning_from_simulation.py`; the 900 held-out digits choose nothing. The source
network is trained once and then found in the store, so that only the first run takes the time of a first demo.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reporting import report

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "learning_from_simulation.py"
KINDS = ("mixture", "fine-tuned", "frozen features", "from scratch", "source only", "raw input", "random weights",
         "majority")  # fmt: skip
Row = list[object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rendered digits, one run, nothing written")
    parser.add_argument("--per-class", type=int, nargs="+", default=[5, 1, 3, 20], help="labelled digits per class")
    parser.add_argument("--folder", type=Path, help="keep the runs here; those that are here are not repeated")
    given = parser.parse_args()
    sizes, rendered = ([3], 500) if given.quick else (given.per_class, 10_000)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        seconds = {k: run(folder, k, rendered) for k in sizes}
        found = {k: json.loads((folder / str(k) / "model" / "findings.json").read_text()) for k in sizes}
    report("demo", "Learning from simulation: rendered digits, then handwriting", {
        "Accuracy on 900 held-out handwritten digits": (
            ["labels per class", *KINDS, "kept by the rule", "its gain over scratch", "seconds of the whole demo"],
            [line(k, found[k], seconds[k]) for k in sorted(sizes)]),
    }, notes=[
        "Of several entries of a kind, the best by the folds of the training rows. The gain is paired on the held-out "
        "digits, with a 95 % interval.",
        f"The first run ({sizes[0]} per class) trains the source network, the others find it in the store.",
    ], quick=given.quick)  # fmt: skip


def run(folder: Path, per_class: int, rendered: int) -> float | None:
    """Seconds of one demo; None where it was there already."""
    home = folder / str(per_class)
    if (home / "model" / "findings.json").is_file():
        return None
    words = ["--folder", str(home), "--per-class", str(per_class), "--rendered", str(rendered)]
    own = {**os.environ, "HEADSTART_STORE": str(folder / "store")}
    started = time.perf_counter()
    subprocess.run([sys.executable, str(EXAMPLE), *words], check=True, env=own)
    return time.perf_counter() - started


def line(per_class: int, findings: dict[str, Any], seconds: float | None) -> Row:
    """The best of each kind, and what was kept."""
    accuracy = {}
    for entry in findings["entries"]:  # best by the folds first
        accuracy.setdefault(entry["kind"], entry["test"]["value"])
    kept = next(entry for entry in findings["entries"] if entry["chosen"])
    gain = kept["gain"]
    told = f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]" if gain else "–"
    shares = [f"{accuracy[kind]:.3f}" if kind in accuracy else "–" for kind in KINDS]
    return [per_class, *shares, kept["name"], told, f"{seconds:.0f}" if seconds else "not timed"]


if __name__ == "__main__":
    main()
