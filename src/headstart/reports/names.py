"""Names that others chose, made safe and short enough to show: no control characters, no overrides, known widths."""

from __future__ import annotations

import re
import unicodedata

# Control characters, direction overrides (a file name may disguise itself with them), lone surrogates (undecodable
# file names hold them, and UTF-8 cannot) and non-characters: none of them may reach a page or a terminal.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_TYPOGRAPHIC = str.maketrans(
    {"·": "|", "–": "-", "—": "-", "−": "-", "×": "x", "…": "...", "→": "->", "±": "+-", "≥": ">=", "≤": "<=",
     "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "}
)  # fmt: skip


def clean(text: str) -> str:
    """The text with every unsafe character replaced by `\N{REPLACEMENT CHARACTER}`; tabs and line ends stay."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Clean, and on one line: runs of blanks, tabs and line ends become one space.

    >>> one_line("a  long\\nname")
    'a long name'
    """
    return clean(" ".join(text.split()))


def cells(text: str) -> int:
    """How many columns a terminal uses: 2 for wide East Asian characters, 0 for marks that combine.

    >>> cells("bees"), cells("蜜蜂"), cells("e\u0301")
    (4, 4, 1)
    """
    return sum(_cells_of(character) for character in text)


def shorten(text: str, most: int) -> str:
    """At most `most` columns: what does not fit is cut from the middle, for both ends of a name tell it apart.

    >>> shorten("timm/mobilenetv2_100.imagenet", 20)
    'timm/mobil….imagenet'
    """
    if cells(text) <= most:
        return text
    room = max(most - 1, 0)
    return _first(text, room - room // 2) + "…" + _first(text[::-1], room // 2)[::-1]


def plain_ascii(text: str) -> str:
    """For terminals without Unicode: typographic signs become their ASCII cousins, everything else an escape."""
    return text.translate(_TYPOGRAPHIC).encode("ascii", "backslashreplace").decode("ascii")


def _first(text: str, most: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += _cells_of(character)
        if used > most:
            return text[:position]
    return text


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
