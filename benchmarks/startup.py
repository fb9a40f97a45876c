"""How long a person waits before anything happens: `import headstart` and `headstart --help`, each in a new process.

python benchmarks/startup.py [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from reporting import report

COMMANDS = {
    "an empty Python program": ["-c", "pass"],
    "import headstart": ["-c", "import headstart"],
    "headstart --help": ["-m", "headstart", "--help"],
    "headstart transfer --help": ["-m", "headstart", "transfer", "--help"],
}
LIMITS = {"import headstart": 0.3, "headstart --help": 0.5}  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three runs each, nothing kept")
    runs = 3 if parser.parse_args().quick else 20
    rows = []
    for name, words in COMMANDS.items():
        seconds = [timed(words) for _ in range(runs)]
        rows.append([name, statistics.median(seconds), min(seconds), max(seconds), LIMITS.get(name, "")])
    columns = ["what", "median s", "fastest s", "slowest s", "limit s"]
    seen = imported("headstart") & {"torch", "numpy", "sklearn"}
    notes = [
        f"{runs} runs each, wall time of the whole process",
        f"heavy modules imported: {', '.join(seen) or 'none'}",
    ]
    report("startup", "Start-up", {"Seconds": (columns, rows)}, notes, quick=runs == 3)


def timed(words: list[str]) -> float:
    """Seconds from start to exit of one process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def imported(module: str) -> set[str]:
    """Top-level names in `sys.modules` after importing it in a new process."""
    program = f"import {module}, sys; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ended.stdout.split()}


if __name__ == "__main__":
    main()
