"""Threads run ahead by a bounded distance, keep order, and stop when told."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.features.lookahead import ahead, alike, workers


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers()), st.integers(0, 5), st.integers(1, 4))
def test_it_is_map_in_order(items, depth, threads):
    with workers(threads) as pool:
        assert list(ahead(pool, lambda n: n + 1, items, depth=depth)) == [n + 1 for n in items]


def test_it_never_runs_further_ahead_than_told():
    taken = begun = 0
    furthest = []

    def items():
        nonlocal begun
        for n in range(50):
            begun += 1
            furthest.append(begun - taken)
            yield n

    with workers(3) as pool:
        for _ in ahead(pool, lambda n: n, items(), depth=4):
            taken += 1
    assert max(furthest) <= 4 + 2


def test_an_error_in_a_thread_reaches_the_consumer_and_threads_end():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), workers(3) as pool:
        list(ahead(pool, lambda n: 1 // (n - 7), range(100), depth=5))
    assert threading.active_count() == before


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9)), st.integers(1, 6), st.integers(1, 4))
def test_lists_hold_every_item_once_and_like_costs(costs, size, window):
    lists = list(alike(enumerate(costs), size, lambda pair: pair[1], window=window))
    assert sorted(item for part in lists for item in part) == list(enumerate(costs))
    assert all(1 <= len(part) <= size for part in lists)
    alone = list(alike(enumerate(costs), size, lambda pair: pair[1], window=len(costs) + 1))
    assert sum(spread(part) for part in alone) <= sum(
        spread(list(enumerate(costs))[start : start + size]) for start in range(0, len(costs), size)
    )


def spread(part):
    return max(cost for _, cost in part) - min(cost for _, cost in part)


def test_equal_costs_wait_for_no_window():
    given = []

    def items():
        for n in range(12):
            given.append(n)
            yield n

    first = next(alike(items(), 4, lambda n: 1, window=100))
    assert first == [0, 1, 2, 3] == given
