"""The order of the comparison, and what it is measured on."""

from __future__ import annotations

from dataclasses import replace

from headstart.reports.comparison import best_candidate, chosen_entry, compare, in_order, scored_by
from headstart.results import Interval, Score
from headstart.strategies.findings import Findings


def test_candidates_come_first_and_each_group_best_first(null_wins: Findings) -> None:
    candidates, baselines = in_order(reversed(null_wins.entries))
    assert {entry.kind for entry in candidates} == {"frozen features"}
    values = [entry.held_out.value for entry in baselines]
    assert values == sorted(values, reverse=True) and len(values) == 4


def test_what_is_not_known_comes_last(photos: Findings) -> None:
    nan = float("nan")
    first = replace(photos.entries[0], test=Score(nan, nan, 0, Interval(nan, nan, nan)))
    candidates, _ = in_order([first, *photos.entries[1:]])
    assert candidates[-1] is first


def test_every_entry_has_a_row(photos: Findings) -> None:
    comparison = compare(photos)
    rows = comparison.candidates + comparison.baselines
    assert sorted(row.entry.name for row in rows) == sorted(entry.name for entry in photos.entries)
    assert all(f"<title>{row.entry.name}</title>" in row.plot for row in rows)


def test_scored_by_says_whether_rows_were_held_out(photos: Findings, reviews: Findings) -> None:
    assert scored_by(photos) == "held-out accuracy"
    assert scored_by(reviews) == "cross-validated accuracy"


def test_the_best_candidate_is_found_by_validation_not_by_the_held_out_rows(photos: Findings) -> None:
    best = replace(
        photos.entries[2], validation=Score(0.99, 0.0, 9, Interval(0.99, 0.9, 1.0)), test=photos.entries[-1].test
    )
    assert best_candidate(replace(photos, entries=(*photos.entries[:2], best))) is best
    assert best_candidate(replace(photos, entries=photos.entries[3:])) is None


def test_nothing_chosen_is_none(photos: Findings) -> None:
    assert chosen_entry(replace(photos, entries=photos.entries[1:])) is None
