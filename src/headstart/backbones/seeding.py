"""Initial weights from a seed, with the global generator as it was before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_ONE_AT_A_TIME = threading.Lock()  # initialisers know only the global generator: two at once would mix their draws


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, modules that are built draw their weights from `seed`."""
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
