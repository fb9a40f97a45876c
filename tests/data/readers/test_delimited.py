"""CSV and TSV: every row is read as written or rejected with its line; the rest of the file is never lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.readers.delimited import DELIMITERS, read_delimited
from headstart.data.readers.table import Table
from headstart.errors import DataError


def table(folder: Path, text: str, *, name: str = "table.csv", wanted: tuple[str, ...] = ()) -> Table:
    (folder / name).write_bytes(text.encode())
    return read_delimited(folder / name, wanted=wanted)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)] * 2), min_size=1
    ),
    delimiter=st.sampled_from(DELIMITERS),
)
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "label"), *rows])
    found = table(tmp_path_factory.mktemp("csv"), target.getvalue())
    assert list(zip(found.columns["text"], found.columns["label"], strict=True)) == rows
    assert found.rejects == ()


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = "".join(f"one, two; three {number}{delimiter}yes\n" for number in range(5))
    if delimiter in ",;":
        rows = rows.replace("one, two; three", "one two three")
    found = table(tmp_path, f"text{delimiter}label\n{rows}")
    assert found.columns["label"] == ("yes",) * 5


def test_named_columns_decide_between_delimiters(tmp_path: Path) -> None:
    text = "a;b,c;d\n1;2,3;4\n"
    assert list(table(tmp_path, text, wanted=("b,c",)).columns) == ["a", "b,c", "d"]
    assert list(table(tmp_path, text, wanted=("c;d",)).columns) == ["a;b", "c;d"]


def test_ragged_rows_are_rejects_with_their_line(tmp_path: Path) -> None:
    found = table(tmp_path, 'text,label\n"two\nlines",yes\nshort\n\nlong,no,more\nlast,no\n')
    assert found.ids == ("line 2", "line 7")
    assert [(reject.id, reject.reason) for reject in found.rejects] == [
        ("line 4", "1 fields where the header names 2"),
        ("line 6", "3 fields where the header names 2"),
    ]


def test_a_stray_quote_costs_one_row_and_not_the_file(tmp_path: Path) -> None:
    rows = "".join(f"row {number},yes\n" for number in range(50))
    found = table(tmp_path, f'text,label\nfirst,no\n"never closed,no\n{rows}')
    assert len(found.ids) == 51
    assert [reject.id for reject in found.rejects] == ["line 3"]
    assert "never closed" in found.rejects[0].reason


def test_quotes_in_a_tab_separated_file_may_be_plain_characters(tmp_path: Path) -> None:
    found = table(tmp_path, 'text\tlabel\n"hello there\tyes\nsize 5" wheel\tno\n', name="table.tsv")
    assert found.columns["text"] == ('"hello there', 'size 5" wheel')
    assert "plain characters" in found.notes[0]


def test_nul_bytes_are_rejects(tmp_path: Path) -> None:
    found = table(tmp_path, "text,label\ngood,yes\nb\0d,no\n")
    assert found.columns["text"] == ("good",)
    assert [(reject.id, reject.reason) for reject in found.rejects] == [("line 3", "holds a NUL byte")]


def test_one_row_of_100_000_columns_is_one_reject(tmp_path: Path) -> None:
    found = table(tmp_path, f"text,label\ngood,yes\n{','.join(['x'] * 100_000)}\nfine,no\n")
    assert found.columns["text"] == ("good", "fine")
    assert found.rejects[0].reason == "100000 fields where the header names 2"


def test_a_header_of_100_000_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"100,000 fields; the limit is 50,000") as caught:
        table(tmp_path, ",".join(f"c{number}" for number in range(100_000)) + "\n1,2\n")
    assert len(str(caught.value)) < 500


def test_a_field_longer_than_the_csv_module_allows_is_read_and_its_setting_put_back(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    assert table(tmp_path, f"text,label\n{'x' * 200_000},yes\n").columns["text"] == ("x" * 200_000,)
    assert csv.field_size_limit() == before


def test_duplicate_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="several columns are called 'label'"):
        table(tmp_path, "text,label,label\na,b,c\n")


def test_unnamed_columns_are_left_out_and_told(tmp_path: Path) -> None:
    found = table(tmp_path, ",text,label\n0,a,b\n1,c,d\n")
    assert list(found.columns) == ["text", "label"]
    assert "without a name" in found.notes[0]


@pytest.mark.parametrize("text", ["1,2,3\n4,5,6\n", "0.5;1\n"])
def test_a_table_without_a_header_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="add a header line"):
        table(tmp_path, text)
