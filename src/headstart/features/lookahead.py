"""Work done in threads beside the consumer, never far ahead of it: memory does not grow with the number of items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are told to stop, and have stopped, when the block ends, whatever ends it (Ctrl-C as well)."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="headstart")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def ahead(pool: ThreadPoolExecutor, function: Callable[[A], B], items: Iterable[A], *, depth: int) -> Iterator[B]:
    """`map(function, items)` in order, with at most `depth` results begun beyond the one that was taken."""
    waiting: deque[Future[B]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def alike(items: Iterable[A], size: int, cost: Callable[[A], float], *, window: int) -> Iterator[list[A]]:
    """Lists of at most `size` items whose costs are alike: sorted within windows of `window` lists.

    Where all costs of a list are equal anyway (pictures) it goes out at once and no window is held.
    """
    held: list[A] = []
    for item in items:
        held.append(item)
        if len(held) == size and len({cost(one) for one in held}) == 1:
            yield held
            held = []
        elif len(held) == size * window:
            yield from _sorted_lists(held, size, cost)
            held = []
    yield from _sorted_lists(held, size, cost)


def _sorted_lists(held: list[A], size: int, cost: Callable[[A], float]) -> Iterator[list[A]]:
    held = sorted(held, key=cost, reverse=True)  # the largest first: what does not fit into memory fails early
    for start in range(0, len(held), size):
        yield held[start : start + size]
