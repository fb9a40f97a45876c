"""What this process asks of the C library's memory, so that big blocks are kept and threads share them (glibc)."""

from __future__ import annotations

import ctypes
import platform
import tempfile
from pathlib import Path

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8
_SETTINGS = (
    (_M_MMAP_THRESHOLD, 2**30),
    (_M_TRIM_THRESHOLD, 2**31 - 1),
    (_M_TOP_PAD, 2**28),
    (_M_ARENA_MAX, 1),  # a thread's own arena holds no block beyond 64 MB: each would go back to the kernel
)


def calm_malloc() -> bool:
    """Let glibc keep big blocks instead of giving each back to the kernel: 1.4-1.9 times on batches of pictures.

    Call it before the first threads start: arenas that threads have by then stay theirs. For the whole process, so
    preflight and opening a backbone do it, an import never. Returns whether it was done (Linux with glibc only).
    """
    libc = _glibc()
    return libc is not None and all(libc.mallopt(option, value) == 1 for option, value in _SETTINGS)


def one_arena() -> bool:
    """Whether all threads take their memory from one arena, whose blocks stay: then none is slower than another.

    False as well where that cannot be found out.
    """
    libc = _glibc()
    if libc is None:
        return False
    libc.fopen.restype = ctypes.c_void_p
    with tempfile.NamedTemporaryFile() as file:
        stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
        libc.malloc_info(0, stream)
        libc.fclose(stream)
        return Path(file.name).read_bytes().count(b"<heap nr=") == 1


def _glibc() -> ctypes.CDLL | None:
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return None
    return ctypes.CDLL("libc.so.6")
