"""Every way a picture may be stored gives upright 8-bit RGB, and every way it may be broken gives a reason."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.data.pictures import MAX_PIXELS, open_picture, picture_bytes
from headstart.errors import DataError

UPRIGHT = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3) * 3


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def pixels(item: Any) -> Any:
    picture = open_picture(item)
    assert picture.mode == "RGB"
    return np.asarray(picture).astype(int)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises far more pixels than it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_give_back_the_pixels(format: str) -> None:
    assert np.array_equal(pixels(encoded(Image.fromarray(UPRIGHT), format)), UPRIGHT)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "GIF"])
def test_lossy_formats_come_close(format: str) -> None:
    flat = np.full((16, 16, 3), (200, 60, 30), dtype=np.uint8)
    assert np.abs(pixels(encoded(Image.fromarray(flat), format)) - flat).max() <= 8


SIDES = {  # EXIF 2.32, table "Orientation": which side of the scene row 0 and column 0 of the file are
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip


@pytest.mark.parametrize("orientation", SIDES)
def test_exif_orientation_is_undone(orientation: int) -> None:
    row_side, column_side = SIDES[orientation]
    scene = UPRIGHT
    if "bottom" in (row_side, column_side):
        scene = scene[::-1]
    if "right" in (row_side, column_side):
        scene = scene[:, ::-1]
    stored = scene.transpose(1, 0, 2) if row_side in ("left", "right") else scene
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored))
    assert np.array_equal(pixels(encoded(image, exif=exif)), UPRIGHT)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_cost_the_picture() -> None:
    data = encoded(Image.fromarray(UPRIGHT), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff", quality=95)
    assert pixels(data).shape == UPRIGHT.shape


def test_transparency_is_laid_on_white() -> None:
    layer = np.zeros((2, 2, 4), dtype=np.uint8)
    layer[..., 0] = 100
    layer[0, :, 3] = 255
    layer[1, 0, 3] = 51
    got = pixels(encoded(Image.fromarray(layer)))
    assert got[0, 0].tolist() == [100, 0, 0]
    assert np.abs(got[1, 0] - [0.2 * 100 + 0.8 * 255, 0.8 * 255, 0.8 * 255]).max() <= 1
    assert got[1, 1].tolist() == [255, 255, 255]


def test_palette_with_a_transparent_entry() -> None:
    image = Image.fromarray(np.array([[0, 1]], dtype=np.uint8))
    image = image.convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    assert pixels(encoded(image, transparency=1)).tolist() == [[[10, 20, 30], [255, 255, 255]]]


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_from_their_whole_range(format: str) -> None:
    values = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    assert pixels(encoded(Image.fromarray(values), format))[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "I;16", "RGBA"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    assert open_picture(Image.new(mode, (5, 3))).mode == "RGB"
    assert open_picture(Image.new(mode, (5, 3))).size == (5, 3)


def test_cmyk_jpeg_keeps_its_colour() -> None:
    white = Image.new("CMYK", (8, 8), (0, 0, 0, 0))
    assert pixels(encoded(white, "JPEG")).min() >= 250


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, bool, np.float32])
def test_pixel_arrays_span_black_to_white(kind: Any) -> None:
    top = {np.uint8: 255, np.uint16: 65535}.get(kind, 1)
    array = np.array([[0, top], [top, 0]], dtype=kind)
    expected = np.array([[0, 255], [255, 0]])
    assert np.array_equal(pixels(array)[..., 0], expected)
    assert np.array_equal(pixels(array[..., None])[..., 2], expected)


def test_draft_keeps_the_shorter_side_and_the_picture() -> None:
    slope = np.linspace(0, 255, 640).astype(np.uint8)
    image = Image.fromarray(np.broadcast_to(slope[None, :, None], (480, 640, 3)).copy())
    data = encoded(image, "JPEG", quality=95)
    small = open_picture(data, at_least=200)
    assert min(small.size) == 240
    reference = np.asarray(open_picture(data).resize(small.size, Image.Resampling.BOX)).astype(int)
    assert np.abs(np.asarray(small).astype(int) - reference).mean() < 3
    assert open_picture(data, at_least=400).size == (640, 480)
    assert open_picture(encoded(image, "PNG"), at_least=10).size == (640, 480)


def test_an_animation_counts_by_its_first_frame() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixels(data)[0, 0].tolist() == [255, 0, 0]


def reason(item: Any) -> str:
    with pytest.raises(DataError) as caught:
        open_picture(item)
    return str(caught.value)


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "is missing" in reason(tmp_path / "nowhere.jpg")
    assert "link to" in reason(tmp_path / "link.jpg")
    assert "directory" in reason(tmp_path / "folder.jpg")
    assert "pipe" in reason(tmp_path / "pipe.jpg")


def test_files_beyond_the_byte_limit_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.data.pictures.MAX_BYTES", 10)
    (tmp_path / "big.jpg").write_bytes(b"x" * 11)
    with pytest.raises(DataError, match="11 bytes; the limit is 10"):
        picture_bytes(tmp_path / "big.jpg")


def test_broken_bytes_say_what_they_are() -> None:
    assert "empty" in reason(b"")
    assert "text file" in reason(b"these are words, not a picture\n")
    assert "PDF" in reason(b"%PDF-1.7\n%\xe2\xe3")
    assert "HEIC" in reason(b"\0\0\0\x18ftypheic\0\0")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for format in ("JPEG", "PNG", "BMP", "TIFF"):
        data = encoded(Image.fromarray(noise), format)
        assert "truncated" in reason(data[: len(data) // 2]) or "damaged" in reason(data[: len(data) // 2])


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (12_000, 10_000), (10_000, 6_000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_from_its_header(width: int, height: int) -> None:
    assert width * height > MAX_PIXELS
    assert "too large" in reason(bomb(width, height))


def test_a_bomb_is_refused_where_warnings_are_errors() -> None:
    assert "too large" in reason(bomb(12_000, 10_000))


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (np.zeros((2, 2, 2), np.uint8), "shape"),
        (np.zeros((2, 2), np.int64), "int64"),
        (np.array([[0.0, 16.0]]), "0..1"),
        (np.array([[0.0, np.nan]]), "NaN"),
        (np.zeros((0, 4), np.uint8), "empty"),
        (3.5, "float"),
    ],
)
def test_misused_pixels(item: Any, told: str) -> None:
    assert told in reason(item)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), format=st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]))
def test_damaged_bytes_give_a_picture_or_a_reason(data: st.DataObject, format: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (12, 10, 3), dtype=np.uint8)
    whole = bytearray(encoded(Image.fromarray(noise), format))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        assert open_picture(damaged).mode == "RGB"
    except DataError as told:
        assert str(told)
