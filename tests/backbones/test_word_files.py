"""One set of vectors, written in every format there is, reads back the same."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from headstart.backbones.word_files import read_word_vectors, values_in
from headstart.errors import BackboneError

WORDS = ("the", "café", "don't", "new york", "42")
VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def text(names=WORDS, *, header=False):
    lines = [
        f"{name} " + " ".join(repr(float(value)) for value in row) for name, row in zip(names, VECTORS, strict=True)
    ]
    return ("\n".join([*([f"{len(lines)} 3"] if header else []), *lines]) + "\n").encode()


def joined(name):
    """word2vec's binary format cannot hold a blank inside a word."""
    return name.replace(" ", "_")


def binary(newline=b"\n"):
    rows = [joined(name).encode() + b" " + row.tobytes() + newline for name, row in zip(WORDS, VECTORS, strict=True)]
    return b"5 3\n" + b"".join(rows)


FORMATS = {
    "glove.txt": text(),
    "word2vec.txt": text(header=True),
    "word2vec.bin": binary(),
    "compact.bin": binary(b""),
    "windows.txt": text().replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_the_same(tmp_path, name, zipped):
    file = tmp_path / (name + (".gz" if zipped else ""))
    file.write_bytes(gzip.compress(FORMATS[name]) if zipped else FORMATS[name])
    found = read_word_vectors(file)
    expected = tuple(map(joined, WORDS)) if ".bin" in name else WORDS
    assert found.words == expected and found.vectors.dtype == np.float32
    np.testing.assert_array_equal(found.vectors, VECTORS)


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_first_words(tmp_path, name):
    (tmp_path / name).write_bytes(FORMATS[name])
    found = read_word_vectors(tmp_path / name, limit=2)
    assert found.words == WORDS[:2]
    np.testing.assert_array_equal(found.vectors, VECTORS[:2])


def test_numberbatch_names_lose_their_prefix_and_other_languages(tmp_path):
    file = tmp_path / "numberbatch.txt"
    file.write_bytes(text(("/c/de/haus", "/c/en/house", "/c/fr/maison", "/c/en/garden", "/c/de/garten"), header=True))
    assert read_word_vectors(file).words == ("house", "garden")
    np.testing.assert_array_equal(read_word_vectors(file).vectors, VECTORS[[1, 3]])
    assert read_word_vectors(file, language="de").words == ("haus", "garten")
    with pytest.raises(BackboneError, match="no word vectors for language 'tlh'"):
        read_word_vectors(file, language="tlh")


def test_of_a_word_that_comes_twice_the_first_counts(tmp_path):
    (tmp_path / "v.txt").write_bytes(text(("a", "b", "a", "c", "b")))
    found = read_word_vectors(tmp_path / "v.txt")
    assert found.words == ("a", "b", "c")
    np.testing.assert_array_equal(found.vectors, VECTORS[[0, 1, 3]])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.txt", text() + b"broken 1.0 2.0\n", "line 6 .*'broken 1.0 2.0"),
        ("v.txt", b"<!doctype html>\n", "does not start like a file of word vectors"),
        ("v.txt", b"", "does not start like"),
        ("v.txt", b"9999999999 300\nthe 1 2\n", "announces 9999999999 x 300 values"),
        ("v.txt", b"a nan 1 2\nb 1 2 3\n", "NaN or infinity"),
        ("v.bin", binary()[:-9], "ends in word 5 of 5"),
        ("v.bin", binary() + b"more", "holds more than the 5 words"),
        ("v.txt.gz", gzip.compress(text())[:-12], "damaged"),
        ("v.kv", b"\x80\x04", "may hold a pickle.*save_word2vec_format"),
        ("v.pkl", b"\x80\x04", "may hold a pickle"),
    ],
)
def test_what_is_no_such_file_says_so(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BackboneError, match=message):
        read_word_vectors(tmp_path / name)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(BackboneError, match="no such file"):
        read_word_vectors(tmp_path / "none.txt")
    with pytest.raises(BackboneError, match="it is a folder"):
        read_word_vectors(tmp_path)


def test_real_glove(shared_data):
    found = read_word_vectors(shared_data / "words" / "glove.twitter.27B.25d.12k.txt")
    unit = found.vectors / np.linalg.norm(found.vectors, axis=1, keepdims=True)
    nearest = np.argsort(-unit @ unit[found.words.index("king")])[1:3]
    assert [found.words[row] for row in nearest] == ["prince", "queen"]


def test_its_values_are_counted_without_reading_them(tmp_path):
    plain, headed = tmp_path / "glove.txt", tmp_path / "w2v.txt"
    lines = "".join(f"word{at:04d} 0.100 0.200 0.300\n" for at in range(3000))
    plain.write_text(lines)
    headed.write_text("3000 3\n" + lines)
    for file in (plain, headed):
        assert values_in(file) == 9000 == read_word_vectors(file).vectors.size
        assert values_in(file, limit=10) == 30
    uneven = tmp_path / "uneven.txt"
    uneven.write_text("".join(f"{'w' * (1 + at % 9)}{at} 0.1 0.2 0.3\n" for at in range(2500)))
    assert values_in(uneven) == pytest.approx(7500, rel=0.05)
