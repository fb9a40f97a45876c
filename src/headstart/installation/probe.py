"""Try something in a process of its own, so that whatever it kills is not us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a probe ended: what it printed last, what it complained of last, and the signal that killed it, if any."""

    output: str
    complaint: str
    signal: str
    worked: bool


def probe(program: str, *, seconds: float = 120.0) -> Outcome:
    """Run a Python program in this interpreter's environment, offline; never raises for what the program does.

    >>> probe("print(1 + 1)").output
    '2'
    >>> probe("import os, signal; os.kill(os.getpid(), signal.SIGILL)").signal
    'SIGILL'
    """
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", program]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=offline, check=False)
    except subprocess.TimeoutExpired:
        return Outcome("", f"no answer within {seconds:.0f} s", "", worked=False)
    killer = signal.Signals(-ended.returncode).name if ended.returncode < 0 else ""
    return Outcome(_last(ended.stdout), _last(ended.stderr), killer, worked=ended.returncode == 0)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
