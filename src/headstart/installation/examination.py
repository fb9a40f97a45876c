"""Look at everything an installation stands on, a few things at a time."""

from __future__ import annotations

import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from headstart import __version__
from headstart.installation import compute, packages
from headstart.installation.finding import Finding
from headstart.installation.space import store_space


def examine() -> tuple[Finding, ...]:
    """All findings, in the order a person reads them; takes as long as importing torch a few times."""
    looks: tuple[Callable[[], Finding | tuple[Finding, ...]], ...] = (
        _versions,
        compute.torch_build,
        compute.bf16,
        packages.torchvision,
        packages.picture_networks,
        packages.sentence_networks,
        packages.packaged_minilm,
        packages.simple_extras,
        store_space,
    )
    with ThreadPoolExecutor(max_workers=2) as pool:  # each look waits for a process of its own
        found = pool.map(lambda look: look(), looks)
        return tuple(finding for some in found for finding in ((some,) if isinstance(some, Finding) else some))


def _versions() -> Finding:
    detail = f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return Finding(name="headstart", status="ok", detail=detail)
