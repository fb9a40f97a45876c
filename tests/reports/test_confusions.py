"""Counts stay whole when classes are collapsed; the worst mistakes are the worst."""

from __future__ import annotations

import numpy as np

from headstart.reports.confusions import KEPT_CLASSES, MOST_CLASSES, REST, collapse, counts_of, most_confused


def random_counts(n_classes: int) -> tuple[list[list[int]], list[str]]:
    counts = np.random.default_rng(n_classes).integers(0, 5, (n_classes, n_classes)) + 20 * np.eye(n_classes, dtype=int)
    return counts.tolist(), [f"class {k}" for k in range(n_classes)]


def test_up_to_the_limit_nothing_is_collapsed() -> None:
    counts, names = random_counts(MOST_CLASSES)
    shown = collapse(counts, names)
    assert shown.counts.tolist() == counts and list(shown.classes) == names and not shown.collapsed


def test_collapsing_loses_no_sample_and_keeps_the_most_mistaken() -> None:
    counts, names = random_counts(MOST_CLASSES + 50)
    counts[140][3] = 900
    shown = collapse(counts, names)
    whole = np.array(counts)
    assert shown.collapsed and shown.classes[-1] == REST and len(shown.classes) == KEPT_CLASSES + 1
    assert shown.counts.sum() == whole.sum()
    assert shown.counts[shown.classes.index("class 140"), shown.classes.index("class 3")] == 900
    first = names.index(shown.classes[0])
    assert shown.counts[0].sum() == whole[first].sum() and shown.counts[:, 0].sum() == whole[:, first].sum()


def test_the_most_frequent_confusions_by_brute_force() -> None:
    counts, names = random_counts(6)
    pairs = [(counts[i][j], names[i], names[j]) for i in range(6) for j in range(6) if i != j]
    found = most_confused(counts, names, most=5)
    assert [pair.count for pair in found] == sorted((count for count, _, _ in pairs), reverse=True)[:5]
    assert all((pair.count, pair.truth, pair.predicted) in pairs for pair in found)
    assert all(pair.total == sum(counts[names.index(pair.truth)]) for pair in found)


def test_without_mistakes_there_is_nothing_to_confuse() -> None:
    assert most_confused(np.diag([3, 4]).tolist(), ["a", "b"]) == []


def test_nothing_held_out_is_all_zeros() -> None:
    assert counts_of((), 3).tolist() == [[0] * 3] * 3
