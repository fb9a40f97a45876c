"""A split never leaks, never loses a row, and is the same tomorrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.dataset import Dataset
from headstart.data.inspection import preflight
from headstart.data.reading import read
from headstart.data.splitting import Split, first_repeat, split
from headstart.data.units import units_of
from headstart.errors import DataError

Row = tuple[int, int, int]  # content, label (-1: unlabelled), group


def dataset(rows: Sequence[Row], *, groups: bool = True, parts: Sequence[str] | None = None) -> Dataset:
    """Texts whose label follows from the row, never equal content with two labels (preflight sees to that)."""
    label_of = {content: label for content, label, _ in rows if label >= 0}
    labels = [label_of[content] if label >= 0 else None for content, label, _ in rows]
    source = ([f"text {content}" for content, _, _ in rows], labels)
    found = preflight(read(source, group=[group for *_, group in rows] if groups else None)).dataset
    return found if parts is None else replace(found, parts=tuple(parts))


def plain(n: int, classes: int = 3, start: int = 0) -> list[Row]:
    return [(row, row % classes, row) for row in range(start, start + n)]


def contents(found: Dataset, rows: Any) -> Counter[Any]:
    return Counter(found.items[row] for row in rows)


many = st.lists(st.tuples(st.integers(0, 25), st.integers(-1, 3), st.integers(0, 12)), min_size=4, max_size=60)


@settings(max_examples=30, deadline=None)
@given(rows=many, stretch=st.sampled_from([1, 9]), groups=st.booleans(), seed=st.integers(0, 9))
def test_no_unit_on_two_sides_and_every_labelled_row_once(
    rows: list[Row], stretch: int, groups: bool, seed: int
) -> None:
    copies = [
        (content + 100 * copy, label, group + 100 * copy) for content, label, group in rows for copy in range(stretch)
    ]
    found = dataset(copies, groups=groups)
    units = units_of(found.digests or (), found.groups)
    if len(set(units[found.labelled])) < 2:
        with pytest.raises(DataError, match="independent units"):
            split(found, seed=seed)
        return
    made = split(found, seed=seed)
    assert sorted([*made.train, *made.test]) == found.labelled.tolist()
    assert not set(units[made.train]) & set(units[made.test])
    scored: Counter[int] = Counter()
    for fit, score in made.folds:
        assert len(fit)
        assert len(score)
        assert sorted([*fit, *score]) == made.train.tolist()
        assert not set(units[fit]) & set(units[score])
        scored.update(score.tolist())
    assert set(scored) == set(made.train.tolist())
    assert len(set(scored.values())) == 1
    if made.kind == "cross-validation":
        assert len(made.test) == 0
        assert len(made.folds) >= 10
    else:
        assert set(scored.values()) == {1}


@settings(max_examples=20, deadline=None)
@given(n=st.sampled_from([30, 260]), seed=st.integers(0, 999))
def test_the_order_of_rows_does_not_matter(n: int, seed: int) -> None:
    contents_of = [row // 2 if row % 10 == 0 else row for row in range(n)]
    rows = [(content, content % 3, row // 3) for row, content in enumerate(contents_of)]
    mixed = [rows[row] for row in np.random.default_rng(seed).permutation(n)]
    one, two = dataset(rows), dataset(mixed)
    first, second = split(one), split(two)
    assert first.digest == second.digest
    assert contents(one, first.test) == contents(two, second.test)
    for (_, a), (_, b) in zip(first.folds, second.folds, strict=True):
        assert contents(one, a) == contents(two, b)


def test_paths_do_not_matter(photos: Path, tmp_path: Path) -> None:
    one = preflight(read(photos)).dataset
    first = split(one)
    photos.rename(tmp_path / "elsewhere")
    for number, file in enumerate(sorted((tmp_path / "elsewhere").rglob("*.jpg"), reverse=True)):
        file.rename(file.with_name(f"renamed {number}.jpg"))
    assert split(preflight(read(tmp_path / "elsewhere")).dataset).digest == first.digest


def test_content_is_read_where_nobody_has_read_it_yet(photos: Path) -> None:
    dataset = read(photos)
    assert split(dataset).digest == split(preflight(dataset).dataset).digest


@pytest.mark.parametrize(("n", "added"), [(400, 1), (400, 12), (1000, 30)])
def test_added_rows_move_few(n: int, added: int) -> None:
    """Ranks shift by one at most per added row: one row may change sides, and one at each border between folds."""
    one, two = dataset(plain(n), groups=False), dataset(plain(n + added), groups=False)
    before, after = split(one), split(two)
    moved = contents(one, before.test) - contents(two, after.test)
    assert sum(moved.values()) <= added

    def fold_of(data: Dataset, made: Split) -> dict[Any, int]:
        return {data.items[row]: number for number, (_, score) in enumerate(made.folds) for row in score}

    was, now = fold_of(one, before), fold_of(two, after)
    assert sum(was[item] != now[item] for item in was.keys() & now.keys()) <= 5 * 3 * added


def test_seeds_give_different_splits() -> None:
    found = dataset(plain(300), groups=False)
    assert len({split(found, seed=seed).digest for seed in range(5)}) == 5
    assert split(found, seed=1).digest == split(found, seed=1).digest
    overlap = contents(found, split(found, seed=0).test) & contents(found, split(found, seed=1).test)
    assert sum(overlap.values()) < 40  # 75 of 300 each: 19 are expected in both


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (plain(199), "cross-validation"),
        (plain(201), "held out"),
        (plain(900, classes=150), "cross-validation"),
        (plain(1200, classes=200), "held out"),
        ([(row, row % 2, row % 8) for row in range(400)], "cross-validation"),
        ([(row, row % 2, row % 40) for row in range(400)], "held out"),
        ([*plain(300), (999, 3, 999)], "held out"),
    ],
)
def test_few_rows_units_or_rows_per_class_are_not_held_out(rows: list[Row], kind: str) -> None:
    assert split(dataset(rows)).kind == kind


def test_a_class_of_one_sample_never_breaks_it() -> None:
    for rows in ([*plain(300), (999, 3, 999)], [*plain(20), (999, 3, 999)], [(0, 0, 0), (1, 1, 1), (2, 2, 2)]):
        found = dataset(rows)
        made = split(found)
        assert rows[-1][0] not in {found.items[row] for row in made.test}
        assert any("one training row" in note for note in made.notes)


def test_given_test_part_is_kept() -> None:
    parts = ["train"] * 60 + ["test"] * 30
    found = dataset(plain(90), groups=False, parts=parts)
    made = split(found, seed=5)
    assert made.kind == "given"
    assert made.test.tolist() == list(range(60, 90))
    assert made.train.tolist() == list(range(60))
    assert len(made.folds) == 5


def test_validation_is_held_out_where_there_is_no_test() -> None:
    made = split(dataset(plain(90), groups=False, parts=["train"] * 60 + ["validation"] * 30))
    assert made.kind == "given"
    assert made.test.tolist() == list(range(60, 90))


def test_validation_beside_a_test_is_the_one_fold_to_choose_by() -> None:
    parts = ["train"] * 60 + ["validation"] * 15 + ["test"] * 15
    made = split(dataset(plain(90), groups=False, parts=parts))
    assert made.test.tolist() == list(range(75, 90))
    assert made.train.tolist() == list(range(75))
    assert [(fit.tolist(), score.tolist()) for fit, score in made.folds] == [(list(range(60)), list(range(60, 75)))]


def test_rows_that_leak_into_a_given_test_part_are_left_out_and_told() -> None:
    rows = plain(90)
    rows[0] = rows[80]
    rows[1] = (1, 1, rows[81][2])
    made = split(dataset(rows, parts=["train"] * 60 + ["test"] * 30))
    assert made.train.tolist() == list(range(2, 60))
    assert made.test.tolist() == list(range(60, 90))
    assert any(note.startswith("2 rows") for note in made.notes)


def test_an_unlabelled_test_part_is_no_test() -> None:
    rows = plain(300)
    rows[250:] = [(content, -1, group) for content, _, group in rows[250:]]
    made = split(dataset(rows, groups=False, parts=["train"] * 250 + ["test"] * 50))
    assert made.kind == "held out"
    assert made.test.max() < 250
    assert any("split anew" in note for note in made.notes)


def test_classes_only_in_the_test_part_are_told() -> None:
    rows = [*plain(60), *[(row, 3, row) for row in range(60, 70)]]
    made = split(dataset(rows, parts=["train"] * 60 + ["test"] * 10))
    assert any("no training row has: 3" in note for note in made.notes)


@pytest.mark.parametrize(
    ("options", "told"), [({"test": 0.0}, "test=0.0"), ({"test": 1.5}, "test=1.5"), ({"folds": 1}, "at least 2")]
)
def test_misuse(options: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        split(dataset(plain(30)), **options)


def test_nothing_labelled_and_one_unit_are_refused() -> None:
    with pytest.raises(DataError, match="0 labelled samples"):
        split(read(["a", "b", "c"]))
    with pytest.raises(DataError, match="1 independent units"):
        split(dataset([(row, row % 2, 0) for row in range(10)]))


def test_it_prints_itself() -> None:
    assert str(split(dataset(plain(300)))).startswith("held out: 225 training rows in 5 folds, 75 test rows")


def test_the_first_repeat_scores_every_row_once() -> None:
    rows = np.arange(6)
    folds = [(rows[2:], rows[:2]), (rows[:2], rows[2:]), (rows[:3], rows[3:]), (rows[3:], rows[:3])]
    assert first_repeat(folds) == tuple(folds[:2])
    assert first_repeat(folds[:1]) == tuple(folds[:1])
    assert first_repeat([]) == ()
