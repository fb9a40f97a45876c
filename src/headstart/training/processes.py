"""Several processes, on one machine or many: started by `torchrun`, joined by DistributedDataParallel."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter

import torch
from torch import distributed
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

MESH_CACHES = (  # of PyTorch's sharded tensors: the module, and what empties one
    ("_redistribute", "clear_redistribute_planner_cache"),
    ("_redistribute", "_gen_transform_infos.cache_clear"),
    ("_collective_utils", "MeshTopoInfo.build_from_mesh.cache_clear"),
    ("debug", "_clear_sharding_prop_cache"),
)


@dataclass(frozen=True)
class Share:
    """Which of how many processes this one is: its part of every batch is rows `rank`, `rank + count`, …"""

    rank: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.count:
            raise ValueError(f"rank ({self.rank}) must lie between 0 and the number of processes ({self.count})")

    @property
    def place(self) -> tuple[int, ...]:
        """What tells its random numbers from the others'; nothing for the first: one process is no exception."""
        return () if self.is_first else (self.rank,)

    @property
    def is_first(self) -> bool:
        """The one that writes."""
        return self.rank == 0


def is_joined() -> bool:
    """Whether this process trains together with others (or in a group of its own)."""
    return distributed.is_available() and distributed.is_initialized()


def share() -> Share:
    """This process's share; all of it where it is alone."""
    return Share(distributed.get_rank(), distributed.get_world_size()) if is_joined() else Share()


@contextmanager
def joined() -> Iterator[Share]:
    """Join the processes that `torchrun` started, and leave them at the end; alone where it started none.

    Each attempt of torchrun (`--max-restarts`) gets a room of its own in the launcher's store: over gloo, a restarted
    process would else read the addresses of the dead.
    """
    if not distributed.is_available() or "TORCHELASTIC_RUN_ID" not in os.environ:
        yield Share()
        return
    import_module("torch.distributed.nn.functional")  # loaded later, its defaults would hold the group for ever
    store, rank, count = next(iter(rendezvous("env://")))
    attempt = PrefixStore(f"attempt{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend, store=attempt, rank=rank, world_size=count)
    try:
        yield share()
    finally:
        _forget_meshes()
        distributed.destroy_process_group()


def _forget_meshes() -> None:
    """Empty the caches in which PyTorch would hold a group of processes beyond its end.

    gloo's threads run as long as anything holds their group. Those that the interpreter's end meets bring the process
    down (SIGABRT), though all its work is done. A cache that another version of PyTorch lacks holds nothing.
    """
    if "torch.distributed.tensor" not in sys.modules:
        return  # nothing was sharded
    for module, empty in MESH_CACHES:
        with suppress(ImportError, AttributeError):
            attrgetter(empty)(import_module(f"torch.distributed.tensor.{module}"))()
    gc.collect()
