"""Every sample gets its digest and its verdict; what is known is not decoded again; an interrupt loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from headstart.data import checking
from headstart.data.checking import examine, examine_text
from headstart.data.reading import read
from headstart.data.samples import digest

Paint = Callable[..., bytes]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fine", ""),
        ("", "empty"),
        (" \n\t", "empty"),
        ("a\0b", "NUL"),
        ("\ud800", "surrogate"),
        (b"bytes", "not a text"),
    ],
)
def test_texts(text: Any, reason: str) -> None:
    verdict = examine_text(text)
    assert (reason in verdict.reason) if reason else verdict.reason == ""
    if isinstance(text, str):
        assert verdict.digest == digest(text)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_rows_with_nan_and_infinity_name_the_column(kind: Any) -> None:
    X = np.eye(4)
    X[1, 2], X[3, 3] = np.nan, -np.inf
    found = examine(read(kind(X)))
    assert [verdict.reason for verdict in found] == ["", "NaN in column 2", "", "infinity in column 3"]
    assert [verdict.digest for verdict in found] == [digest(row) for row in kind(X)]


def test_columns_are_named_where_they_have_names() -> None:
    assert examine(read({"ax": [1.0, np.inf], "label": ["a", "b"]}))[1].reason == "infinity in column ax"


def test_pictures_by_content_not_by_path(photos: Path) -> None:
    (photos / "bees" / "copy.png").write_bytes((photos / "ants" / "0.jpg").read_bytes())
    dataset = read(photos)
    digests = {id: verdict.digest for id, verdict in zip(dataset.ids, examine(dataset), strict=True)}
    assert digests["bees/copy.png"] == digests["ants/0.jpg"]
    assert len(set(digests.values())) == 12


def count_decoding(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    decode = checking.open_picture

    def counted(item: Any, *, at_least: int | None = None) -> Any:
        seen.append(item)
        return decode(item, at_least=at_least)

    monkeypatch.setattr(checking, "open_picture", counted)
    return seen


def test_what_is_known_is_not_decoded_again(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (photos / "ants" / "bad.jpg").write_bytes(b"no picture")
    decoded = count_decoding(monkeypatch)
    known: dict[bytes, str] = {}
    first = examine(read(photos), known=known)
    assert len(decoded) == len(known) == 13
    (photos / "ants" / "0.jpg").rename(photos / "bees" / "moved.jpg")
    second = examine(read(photos), known=known)
    assert len(decoded) == 13
    assert sorted(first) == sorted(second)


class Interrupted(dict[bytes, str]):
    """A memo that gets Ctrl-C while the fifth verdict is written."""

    def __setitem__(self, key: bytes, value: str) -> None:
        if len(self) == 4:
            raise KeyboardInterrupt
        super().__setitem__(key, value)


def test_an_interrupt_leaves_what_was_learned(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        examine(read(photos), known=known)
    assert len(known) == 4
    decoded = count_decoding(monkeypatch)
    memo = dict(known)
    assert all(not verdict.reason for verdict in examine(read(photos), known=memo))
    assert len(decoded) == 8
    assert len(memo) == 12


def test_an_interrupt_leaves_no_threads(photos: Path) -> None:
    import threading

    with pytest.raises(KeyboardInterrupt):
        examine(read(photos), known=Interrupted())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("preflight")]


def test_more_pictures_than_are_looked_ahead(photos: Path, paint: Paint) -> None:
    for seed in range(100, 250):
        (photos / "ants" / f"{seed}.png").write_bytes(paint(seed, size=(4, 4), format="PNG"))
    dataset = read(photos)
    expected = [digest(item) for item in dataset.items]
    assert [verdict.digest for verdict in examine(dataset)] == expected


def test_progress_is_shown_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    examine(read(["a", "b"]))
    assert capsys.readouterr().err == ""
    examine(read(["a", "b"]), progress=True)
    assert "preflight" in capsys.readouterr().err
