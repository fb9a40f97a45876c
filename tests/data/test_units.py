"""Units are the connected components of "same content or same group"."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.units import units_of


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_two_rows_share_a_unit_exactly_when_a_chain_joins_them(rows: list[tuple[int, int]]) -> None:
    joined = {
        (a, b) for a, b in product(range(len(rows)), repeat=2) if rows[a][0] == rows[b][0] or rows[a][1] == rows[b][1]
    }
    for middle in range(len(rows)):  # Warshall's closure
        joined |= {
            (a, b) for a, b in product(range(len(rows)), repeat=2) if (a, middle) in joined and (middle, b) in joined
        }
    units = units_of([bytes([content]) for content, _ in rows], [str(group) for _, group in rows])
    assert {(a, b) for a, b in product(range(len(rows)), repeat=2) if units[a] == units[b]} == joined


def test_without_groups_only_content_joins() -> None:
    assert units_of([b"a", b"b", b"a"]).tolist() == [0, 1, 0]


def test_a_group_and_a_content_of_one_spelling_are_not_mixed_up() -> None:
    assert len(set(units_of([b"a", b"b"], ["b", "a"]).tolist())) == 2
