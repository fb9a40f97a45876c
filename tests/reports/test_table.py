"""The comparison in the terminal: aligned, within 100 columns, whatever the names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.names import cells
from headstart.reports.table import WIDTH, comparison_table, signed, with_notes
from headstart.results import Interval, Score
from headstart.strategies.findings import Findings

NAN = float("nan")


def rows_of(table: str) -> list[str]:
    """The lines of the entries: after the first rule, before the legend."""
    lines = table.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("  ---"))
    return [line for line in lines[first + 1 : lines.index("  * chosen")] if not line.startswith("  ---")]


def test_it_holds_every_entry_with_interval_gain_seconds_and_size(photos: Findings) -> None:
    table = comparison_table(photos)
    kept = next(line for line in rows_of(table) if line.startswith("* "))
    assert kept.split("  ")[0] == "* timm/mobilenetv2_100 · ridge"
    assert ".916 [.875, .944]" in kept and "+.274 [+.193, +.352]" in kept and "8.4" in kept and "9.4 MB" in kept
    assert len(rows_of(table)) == len(photos.entries)
    assert " ".join(table.splitlines()[-2:]) == photos.verdict


def test_notes_stand_below_it_within_the_width(photos: Findings) -> None:
    table = comparison_table(photos)
    whole = with_notes(table, ("too little time … " * 9, "short"), ascii=True)
    assert whole.startswith(table) and whole[len(table) :].isascii() and whole.endswith("note: short")
    assert max(map(cells, whole.splitlines())) <= WIDTH
    assert with_notes(table, ()) == table


def test_a_loss_keeps_its_sign_and_scratch_has_no_gain(null_wins: Findings) -> None:
    lines = {line[2:].split("  ")[0]: line for line in rows_of(comparison_table(null_wins))}
    assert "-.022 [-.103, +.056]" in lines["model/phones · ridge"]
    assert lines["from scratch · mlp"].startswith("* ") and "+" not in lines["from scratch · mlp"]


@pytest.mark.parametrize("name", ["x" * 300, "蜜蜂" * 80, "a\nb\x1b[31m", "نمل وحشرات", "", "e\u0301" * 70])
def test_names_of_any_kind_keep_the_columns(photos: Findings, name: str) -> None:
    table = comparison_table(replace(photos, entries=tuple(replace(entry, name=name) for entry in photos.entries)))
    rows = rows_of(table)
    assert len(rows) == len(photos.entries)
    assert len({cells(row[: row.index(" [")]) for row in rows}) == 1
    assert max(map(cells, table.splitlines())) <= WIDTH
    assert "\x1b" not in table


@settings(max_examples=30, deadline=None)
@given(name=st.text(max_size=80), verdict=st.text(max_size=400))
def test_any_text_keeps_the_shape(photos: Findings, name: str, verdict: str) -> None:
    entries = (replace(photos.entries[0], name=name), *photos.entries[1:])
    table = comparison_table(replace(photos, entries=entries, verdict=verdict))
    rows = rows_of(table)
    assert len(rows) == len(photos.entries)
    assert all(cells(row) <= WIDTH for row in rows)
    assert len({cells(row) for row in rows}) == 1  # the last column ends in one line


def test_it_can_be_read_without_unicode(photos: Findings) -> None:
    verdict = "Transfer helps — gains ≥ 3 × “more” … in 蜜蜂"
    table = comparison_table(replace(photos, verdict=verdict), ascii=True)
    assert table.isascii()
    assert "timm/mobilenetv2_100 | ridge" in table and 'Transfer helps - gains >= 3 x "more" ...' in table


def test_unknown_numbers_are_dashes(photos: Findings) -> None:
    nothing = Score(NAN, NAN, 0, Interval(NAN, NAN, NAN))
    entries = [replace(e, test=nothing, gain=Interval(NAN, NAN, NAN), seconds=NAN) for e in photos.entries]
    table = comparison_table(replace(photos, entries=tuple(entries)))
    assert "nan" not in table
    assert rows_of(table)[0].split()[-5:-2] == ["-", "-", "-"]


def test_cross_validation_is_named(reviews: Findings) -> None:
    assert "cross-validated accuracy" in comparison_table(reviews).splitlines()[0]


def test_gains() -> None:
    assert signed(Interval(0.1, -0.02, 0.2)) == "+.100 [-.020, +.200]"
    assert signed(Interval(0.0, 0.0, 0.0)) == ".000 [.000, .000]"
    assert signed(None) == signed(Interval(NAN, NAN, NAN)) == "-"
