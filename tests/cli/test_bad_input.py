"""Whatever is wrong with the data, the answer is one line that names it; what can be used is used."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

Run = Callable[..., Result]
Make = Callable[[Path], tuple[str, ...]]  # lays the data in a folder; the arguments that name them


def photos(root: Path, classes: str = "ab", each: int = 12) -> Path:
    rng = np.random.default_rng(0)
    for name in classes:
        (root / "photos" / name).mkdir(parents=True)
        for at in range(each):
            picture = Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8))
            picture.save(root / "photos" / name / f"{at}.jpg")
    return root / "photos"


def with_file(content: bytes) -> Make:
    def make(root: Path) -> tuple[str, ...]:
        (photos(root) / "a" / "bad.jpg").write_bytes(content)
        return (str(root / "photos"),)

    return make


def with_entry(lay: Callable[[Path], object]) -> Make:
    def make(root: Path) -> tuple[str, ...]:
        lay(photos(root) / "a" / "bad.jpg")
        return (str(root / "photos"),)

    return make


def table(text: str | bytes, *options: str) -> Make:
    def make(root: Path) -> tuple[str, ...]:
        file = root / "data.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return (str(file), *options)

    return make


def empty_folder(root: Path) -> tuple[str, ...]:
    (root / "empty").mkdir()
    return (str(root / "empty"),)


def all_unreadable(root: Path) -> tuple[str, ...]:
    for file in photos(root, each=3).rglob("*.jpg"):
        file.write_bytes(b"")
    return (str(root / "photos"),)


def one_class(root: Path) -> tuple[str, ...]:
    return (str(photos(root, classes="a")),)


def no_labels(root: Path) -> tuple[str, ...]:
    photos(root, classes="a").joinpath("a").rename(root / "loose")
    return (str(root / "loose"),)


def png_header(width: int, height: int) -> bytes:
    """The beginning of a picture of that size, and nothing of it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def half_a_jpeg(path: Path) -> None:
    whole = path.with_name("0.jpg").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


ROWS = "".join(f"sentence number {at},{'up' if at % 2 else 'down'}\n" for at in range(40))
TEXTS = ("--text", "text", "--label", "label")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda root: (str(root / "photos" / "nowhere"),), "does not exist", id="missing path"),
        pytest.param(empty_folder, "is empty", id="empty folder"),
        pytest.param(all_unreadable, "empty (0 bytes)", id="all files unreadable"),
        pytest.param(one_class, "at least two classes", id="one class"),
        pytest.param(no_labels, "label", id="no labels"),
        pytest.param(table(f"text,lable\n{ROWS}", *TEXTS), "Did you mean 'lable'?", id="wrong column"),
        pytest.param(table(f"text,label,text\n{ROWS}", *TEXTS), "text", id="duplicate column"),
        pytest.param(table(",".join(map(str, range(100_000))) + "\n", *TEXTS), "100,000 fields", id="100,000 columns"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused_in_one_line(
    run: Run, tmp_path: Path, make: Make, told: str
) -> None:
    ended = run("transfer", *make(tmp_path), "-o", str(tmp_path / "model"), "--quiet")
    assert ended.exit_code == 2, ended.output
    assert ended.stderr.startswith("Error: ") and ended.stderr.count("\n") == 1 and len(ended.stderr) < 1000
    assert told in ended.stderr
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(with_file(b""), "empty (0 bytes)", id="0-byte JPEG"),
        pytest.param(with_entry(half_a_jpeg), "truncated", id="truncated JPEG"),
        pytest.param(with_file(b"just words, no picture\n"), "not a picture", id="text named .jpg"),
        pytest.param(with_file(png_header(50_000, 50_000)), "too large", id="50,000 x 50,000 PNG header"),
        pytest.param(with_entry(lambda path: path.symlink_to(path.with_name("gone"))), "link", id="broken symlink"),
        pytest.param(with_entry(lambda path: path.mkdir()), "director", id="directory named .jpg"),
        pytest.param(
            table(f"text,label\n{ROWS}{'x,' * 99_999}x\n", *TEXTS), "100000 fields", id="row of 100,000 columns"
        ),
        pytest.param(table(f"text,label\n{ROWS}a\0b,up\n", *TEXTS), "NUL", id="NUL bytes"),
        pytest.param(table("x,y,label\n" + "1,2,a\n3,4,b\n" * 20 + "nan,1,a\ninf,1,b\n"), "NaN", id="NaN and inf"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_named(run: Run, tmp_path: Path, make: Make, told: str) -> None:
    ended = run("check", *make(tmp_path), "--quiet")
    assert ended.exit_code == 1, ended.output
    assert "left out: " in ended.output and told in ended.output
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(table(f"text,label\n{ROWS}a third,up  \n", *TEXTS), "21  up", id="label with trailing blanks"),
        pytest.param(table(f"text,label\n{ROWS}alone,sideways\n", *TEXTS), "sideways", id="one sample in a class"),
        pytest.param(table(f"text,label\n{ROWS}".encode() + "café,up\n".encode() + b"caf\xe9s,up\n", *TEXTS),
                     "1 of 43 lines are not UTF-8 (first: line 43)", id="mixed encodings"),
    ],
)  # fmt: skip
def test_what_can_be_mended_is_mended_and_told(run: Run, tmp_path: Path, make: Make, told: str) -> None:
    ended = run("check", *make(tmp_path), "--quiet")
    assert ended.exit_code == 0, ended.output
    assert told in ended.output
