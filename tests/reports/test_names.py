"""Names from outside: safe, on one line, of known width."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.names import cells, clean, one_line, plain_ascii, shorten

ANY = st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1b\r\n\t\udcff\u202e\u2066…é蜂")), max_size=60)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\r", "\x85", "\udcff", "\u202e", "\u2066", "\ufffe", "\u2028"])
def test_what_could_act_on_a_terminal_or_break_a_page_is_replaced(bad: str) -> None:
    assert clean(f"a{bad}b") == "a\ufffdb"


def test_ordinary_text_of_any_script_stays() -> None:
    text = "Ünïcode نمل 蜜蜂 🐝 <b>&amp;\ttab\nline"
    assert clean(text) == text


@settings(max_examples=30, deadline=None)
@given(ANY)
def test_one_line_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    line.encode("utf-8")


@settings(max_examples=30, deadline=None)
@given(ANY, st.integers(1, 30))
def test_shortened_names_fit_and_short_ones_stay(text: str, most: int) -> None:
    short = shorten(text, most)
    assert cells(short) <= most
    if cells(text) <= most:
        assert short == text


def test_shortening_keeps_both_ends() -> None:
    short = shorten("timm/" + "x" * 100 + "?checkpoint=birds", 20)
    assert short.startswith("timm/") and short.endswith("birds") and "…" in short


@settings(max_examples=30, deadline=None)
@given(ANY)
def test_plain_ascii_is_ascii(text: str) -> None:
    assert plain_ascii(text).isascii()
