"""One picture, whatever it was stored as, as upright 8-bit RGB; what cannot be that says why."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from headstart.data.samples import Item
from headstart.errors import DataError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
MAX_PIXELS = 50_000_000
MAX_BYTES = 256 * 2**20

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIGNATURES = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"8BPS": "a Photoshop document",
    b"RIFF": "a sound or video file",
}


def open_picture(item: Item, *, at_least: int | None = None) -> Image.Image:
    """Decode a path, encoded bytes, a pixel array or a Pillow image into an upright RGB picture, 8 bits a channel.

    Orientation follows EXIF. Transparency is laid on white. 16 bits are scaled from the whole range of the type, so
    that equal files give equal pictures. Of several frames or pages the first counts. Arrays are (h, w) or
    (h, w, 1|3|4): uint8, uint16, bool, or floats in 0..1.

    `at_least` permits a large JPEG to be decoded at a half, a quarter or an eighth of its size, as long as its
    shorter side keeps that many pixels: several times faster, with slightly different values.

    Thread-safe. Raises `DataError` with the reason; the reason does not name the item.
    """
    try:
        return _as_rgb(_upright(_decoded(item, at_least)))
    except DataError:
        raise
    except Exception as cause:  # foreign bytes make decoders fail in every way there is; all mean the same here
        raise DataError(_reason(cause)) from cause


def picture_bytes(path: Path) -> bytes:
    """The bytes of a picture file, never more than `MAX_BYTES`. Raises `DataError` where it is no readable file."""
    try:
        status = path.stat()
    except OSError as cause:
        gone = f"a link to {path.readlink()}, which is missing" if path.is_symlink() else "is missing"
        raise DataError(gone if isinstance(cause, FileNotFoundError) else _reason(cause)) from cause
    if stat.S_ISDIR(status.st_mode):
        raise DataError("a directory, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise DataError("neither a file nor a directory (a pipe, socket or device)")
    if status.st_size > MAX_BYTES:
        raise DataError(f"{status.st_size:,} bytes; the limit is {MAX_BYTES:,}")
    try:
        return path.read_bytes()
    except OSError as cause:
        raise DataError(_reason(cause)) from cause


def _decoded(item: Item, at_least: int | None) -> Image.Image:
    if isinstance(item, Image.Image):
        _check_size(item.size)
        item.load()
        return item
    if isinstance(item, np.ndarray):
        return _from_pixels(item)
    data = picture_bytes(item) if isinstance(item, Path) else item
    if not isinstance(data, bytes | bytearray | memoryview):
        raise DataError(f"a {type(item).__name__}; a picture is a path, encoded bytes, pixels or a Pillow image")
    if not data:
        raise DataError("empty (0 bytes)")
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as cause:
        raise DataError(
            f"not a picture of a known format ({', '.join(FORMATS)}): {_looks_like(bytes(data))}"
        ) from cause
    _check_size(image.size)
    if at_least is not None and image.format in ("JPEG", "MPO"):
        image.draft(None, (at_least, at_least))
    image.load()
    return image


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise DataError(f"too large: {size[0]} x {size[1]} pixels; the limit is {MAX_PIXELS // 10**6} million")
    if 0 in size:
        raise DataError(f"empty: {size[0]} x {size[1]} pixels")


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF: the pixels are whole and were most likely stored upright
        return image
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        return _from_pixels(_sixteen_bits(np.asarray(image)))
    if image.mode == "F":
        return _from_pixels(np.asarray(image))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        page = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(page, layer).convert("RGB")
    return image.convert("RGB")


def _sixteen_bits(pixels: Any) -> Any:
    if pixels.min() < 0 or pixels.max() > 65535:
        raise DataError(f"whole-number pixels from {pixels.min()} to {pixels.max()}; they must lie in 0..65535")
    return pixels.astype(np.uint16)


def _from_pixels(pixels: Any) -> Image.Image:
    """(h, w) or (h, w, 1|3|4) pixels as RGB."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] in (3, 4)):
        raise DataError(f"pixels of shape {pixels.shape}; they must be (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)")
    _check_size((pixels.shape[1], pixels.shape[0]))
    return _as_rgb(Image.fromarray(np.ascontiguousarray(_eight_bits(pixels))))


def _eight_bits(pixels: Any) -> Any:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind != "f":
        raise DataError(f"{pixels.dtype} pixels; they must be uint8, uint16, bool or floats in 0..1")
    if not np.isfinite(pixels).all():
        raise DataError("NaN or infinity among its pixels")
    if pixels.min() < 0 or pixels.max() > 1:
        raise DataError(f"float pixels from {pixels.min():g} to {pixels.max():g}; they must lie in 0..1")
    return np.rint(pixels * 255).astype(np.uint8)


def _looks_like(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "it is an HEIC, AVIF or video file; convert it to JPEG"
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return f"it is {kind}"
    start = data[:512]
    if b"\0" not in start and all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "it is a text file"
    return f"it starts with {start[:8].hex(' ')}"


def _reason(cause: Exception) -> str:
    if isinstance(cause, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"too large: more than {MAX_PIXELS // 10**6} million pixels"
    if isinstance(cause, PermissionError):
        return "may not be read (permission denied)"
    if isinstance(cause, MemoryError):
        return "does not fit into memory"
    text = str(cause.strerror if isinstance(cause, OSError) and cause.strerror else cause)
    if "truncated" in text.lower() or isinstance(cause, EOFError):
        return f"truncated: {text}" if text else "truncated"
    return f"damaged: {text}" if text else f"damaged ({type(cause).__name__})"
