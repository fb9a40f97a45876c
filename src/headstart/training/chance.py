"""Random numbers that depend on where they are used, not on what ran before: a stopped run finds them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_of(seed: int, *place: int) -> int:
    """One 63-bit seed for a place, e.g. (seed, step); other places give independent ones.

    >>> seed_of(0, 1) == seed_of(0, 1), seed_of(0, 1) == seed_of(0, 2), seed_of(0, 1) == seed_of(1, 0)
    (True, False, False)
    """
    # SeedSequence takes (1, 2) and (1, 2, 0) for the same; longer places therefore name their length
    named = (*place, len(place)) if len(place) > 1 else place
    return int(np.random.SeedSequence((seed, *named)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, *place: int) -> torch.Generator:
    """A torch generator for a place."""
    return torch.Generator().manual_seed(seed_of(seed, *place))


@contextmanager
def chance(seed: int, *place: int, device: torch.device | None = None) -> Iterator[None]:
    """Start the global generator (dropout and initial weights know no other) from a place; after, it is back."""
    generators = [torch.default_generator]
    if device is not None and device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    before = [generator.get_state() for generator in generators]
    for generator in generators:  # not torch.manual_seed: it queues a call for every absent kind of accelerator, 3 ms
        generator.manual_seed(seed_of(seed, *place))
    try:
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.set_state(state)
