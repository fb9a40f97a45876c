"""Reads word vectors: GloVe text, word2vec text and binary, ConceptNet Numberbatch; each also gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from headstart.backbones.checkpoint import PICKLES
from headstart.errors import BackboneError

SAMPLED = 1000  # lines whose length tells how many there are
_CONCEPT = "/c/"
_Stream: TypeAlias = gzip.GzipFile | BufferedReader


@dataclass(frozen=True, eq=False)
class WordVectors:
    """`vectors[i]` (float32) belongs to `words[i]`, in the order of the file: usually the most frequent first."""

    words: tuple[str, ...]
    vectors: NDArray[np.float32]


def read_word_vectors(file: str | Path, *, limit: int | None = None, language: str = "en") -> WordVectors:
    """The first `limit` words (None: all) and their vectors. Of a word that comes twice the first counts.

    Format and compression are told from the content. Names like `/c/en/word` lose their prefix; other languages than
    `language` are left out. Raises `BackboneError` for missing, damaged or foreign files, with the line number.
    """
    file = Path(file)
    if file.suffix.lower() in PICKLES - {".bin"} or file.suffix.lower() in (".kv", ".model"):
        raise BackboneError(
            f"{file} may hold a pickle, and opening one runs any code inside it; write the vectors with "
            "save_word2vec_format first"
        )
    if not file.is_file():
        raise BackboneError(f"no word vectors at {file}: " + ("it is a folder" if file.is_dir() else "no such file"))
    try:
        with _opened(file) as stream:
            return _read(stream, file, limit, language)
    except (OSError, EOFError, UnicodeDecodeError, MemoryError) as cause:
        raise BackboneError(f"{file} is damaged or no file of word vectors ({cause}); download it again") from cause


def values_in(file: str | Path, *, limit: int | None = None) -> int:
    """About how many numbers the first `limit` words (None: all) of a file hold, without reading them.

    A header says it; else the length of the first lines does. 0 for zipped files without a header. Raises
    `BackboneError` for files that hold no vectors.
    """
    file = Path(file)
    with _opened(file) as stream:
        first = stream.readline(2**20)
        count, width = _header(first, file)
        if not count and not isinstance(stream, gzip.GzipFile):
            lines = [first, *(line for line, _ in zip(stream, range(SAMPLED), strict=False))]
            count = round(file.stat().st_size * len(lines) / sum(map(len, lines)))
    return min(count, limit or count) * width


def _read(stream: _Stream, file: Path, limit: int | None, language: str) -> WordVectors:
    first = stream.readline(2**20)
    count, width = _header(first, file)
    binary = bool(count) and not _is_text(stream, file, width)
    if not count:
        count = 1 + sum(1 for _ in stream)
    stream.seek(len(first) if binary or _is_header(first) else 0)
    rows = _binary_rows(stream, file, count, width) if binary else _text_rows(stream, file, width)
    wanted = min(count, limit or count)
    vectors = np.empty((wanted, width), dtype=np.float32)
    known: dict[str, int] = {}
    for word, values in rows:
        if len(known) == wanted:
            break
        name = _plain(word, language)
        if name and name not in known:
            vectors[len(known)] = values
            known[name] = len(known)
    if not known:
        raise BackboneError(f"{file} holds no word vectors" + (f" for language '{language}'" if count else ""))
    vectors = vectors[: len(known)]
    if not np.isfinite(vectors).all():
        raise BackboneError(f"{file} holds NaN or infinity among its vectors; download it again")
    return WordVectors(tuple(known), vectors)


def _header(first: bytes, file: Path) -> tuple[int, int]:
    """(count, width); count 0 where the file starts with its first word. The sizes are checked before they are used."""
    if _is_header(first):
        count, width = (int(part) for part in first.split())
        least = count * width * (2 if file.suffix != ".gz" else 0)  # a digit and a blank; zipped files tell nothing
        if count < 1 or width < 1 or least > file.stat().st_size:
            raise BackboneError(f"{file} announces {count} x {width} values and is too short for them")
        return count, width
    width = 0
    for part in reversed(first.split()[1:]):
        if not _is_number(part):
            break
        width += 1
    if width < 2:
        raise BackboneError(f"{file} does not start like a file of word vectors: {first[:60]!r}")
    return 0, width


def _is_header(first: bytes) -> bool:
    parts = first.split()
    return len(parts) == 2 and all(part.isdigit() for part in parts)


def _is_text(stream: _Stream, file: Path, width: int) -> bool:
    """Whether the line after the header ends in `width` written numbers."""
    parts = stream.readline(2**20).split()
    return len(parts) > width and all(_is_number(part) for part in parts[-width:])


def _text_rows(stream: _Stream, file: Path, width: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for number, line in enumerate(stream, start=1):
        parts = line.rstrip().rsplit(b" ", width)  # from the right: some words hold blanks
        try:
            if len(parts) != width + 1:
                raise ValueError
            yield parts[0].decode(), np.array(parts[1:], dtype=np.float32)
        except ValueError as cause:
            start = line[:40].decode(errors="replace")
            raise BackboneError(
                f"{file}: line {number} after the header does not hold a word and {width} numbers: {start!r}"
            ) from cause


def _binary_rows(stream: _Stream, file: Path, count: int, width: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    buffer = b""
    size = 4 * width
    for number in range(count):
        while (blank := buffer.find(b" ")) < 0 or len(buffer) < blank + 1 + size:
            more = stream.read(2**20)
            if not more:
                raise BackboneError(f"{file} ends in word {number + 1} of {count}; download it again")
            buffer += more
        values = np.frombuffer(buffer, dtype="<f4", count=width, offset=blank + 1)
        yield buffer[:blank].lstrip(b"\n").decode(errors="replace"), values
        buffer = buffer[blank + 1 + size :]
    if (buffer + stream.read(64)).strip():
        raise BackboneError(f"{file} holds more than the {count} words it announces; download it again")


def _plain(word: str, language: str) -> str:
    if not word.startswith(_CONCEPT):
        return word
    spoken, _, name = word.removeprefix(_CONCEPT).partition("/")
    return name if spoken == language else ""


def _is_number(part: bytes) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def _opened(file: Path) -> _Stream:
    with file.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return gzip.open(file, "rb") if zipped else file.open("rb")
