"""Memory settings reach the whole process, and threads that were there before them are noticed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from headstart.allocation import calm_malloc, one_arena

GLIBC = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
THREADS = """
import threading
together = threading.Barrier(3)
def work():
    block = bytearray(100_000)
    together.wait(timeout=20)
def threads():
    started = [threading.Thread(target=work) for _ in range(3)]
    for thread in started: thread.start()
    for thread in started: thread.join()
from headstart.allocation import calm_malloc, one_arena
"""


def test_only_glibc_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert calm_malloc() is False
    assert one_arena() is False


@pytest.mark.skipif(not GLIBC, reason="needs glibc")
@pytest.mark.parametrize(("order", "shared"), [("calm_malloc(); threads()", True), ("threads(); calm_malloc()", False)])
def test_threads_share_one_arena_when_it_is_said_before_they_start(order: str, shared: bool) -> None:
    program = f"{THREADS}\n{order}\nprint(one_arena())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == f"{shared}\n"


@pytest.mark.skipif(not GLIBC, reason="needs glibc")
def test_a_big_block_that_was_freed_comes_back_without_the_kernel() -> None:
    program = (
        f"{THREADS}\nimport resource, numpy as np\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    np.ones(100 * 2**20, np.uint8)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "usual = [faults() for _ in range(2)][-1]\n"
        "assert calm_malloc()\n"
        "print(usual, [faults() for _ in range(2)][-1])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    usual, calm = map(int, ended.stdout.split())
    assert calm < usual / 2
