"""Learning from simulation: digits rendered from fonts teach a network to read handwriting.

Writes both data sets as ordinary folders of pictures, then runs the very commands you would run on your own.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

import rendered_digits as digits


def main() -> int:
    """Write the data, run the two commands, say where the report is; the exit status of what failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("demo"), help="where everything goes (default: demo)")
    parser.add_argument("--rendered", type=int, default=10_000, help="digits to render (default: 10000)")
    parser.add_argument("--per-class", type=int, default=5, help="labelled handwritten digits per class (default: 5)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data-only", action="store_true", help="write the pictures and stop")
    options = parser.parse_args()

    began = time.perf_counter()
    write_data(options.folder, rendered=options.rendered, per_class=options.per_class, seed=options.seed)
    if options.data_only:
        return 0
    home = options.folder
    model = home / "model"
    data = ["transfer", f"{home}/handwritten", "--from", f"{home}/rendered", "-o", f"{model}", "--overwrite"]
    sample = [
        "predict",
        f"{model}",
        *(str(path) for path in sorted((home / "handwritten" / "unlabelled").iterdir())[:5]),
    ]
    for command in (data, sample):
        status = run(command)
        if status:
            return status
    print(
        f"\nreport: {model / 'report.html'} (open it in a browser); all of it took {time.perf_counter() - began:.0f} s"
    )
    return 0


def write_data(folder: Path, *, rendered: int, per_class: int, seed: int) -> None:
    """`rendered/<digit>/` and `handwritten/{train,test}/<digit>/`, with the remaining handwritten ones unlabelled."""
    keep_apart(folder, {"rendered": rendered, "per_class": per_class, "seed": seed})
    print(f"rendering {rendered:,} digits from {len(digits.fonts())} fonts into {folder}/rendered/<digit>/")
    digits.write(folder / "rendered", *digits.render(rendered, seed=seed))
    parts = digits.handwritten(per_class=per_class, seed=seed)
    sizes = ", ".join(f"{len(labels)} {part}" for part, (_, labels) in parts.items())
    print(f"writing scikit-learn's handwritten digits into {folder}/handwritten/: {sizes}")
    for part, (pictures, labels) in parts.items():
        digits.write(folder / "handwritten" / part, pictures, None if part == "unlabelled" else labels)


def keep_apart(folder: Path, options: dict[str, int]) -> None:
    """Writing the same data again changes nothing; other data may not be mixed into it."""
    note = folder / "data.json"
    if note.exists() and json.loads(note.read_text()) != options:
        sys.exit(f"{folder} holds data made with {note.read_text().strip()}; delete it or choose another --folder")
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(options) + "\n")


def run(command: list[str]) -> int:
    """Show a headstart command and run it, as if it had been typed."""
    print(f"\n$ headstart {shlex.join(command)}", flush=True)
    return subprocess.run([sys.executable, "-m", "headstart", *command], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)  # the command that was running has said what to do
