"""A sample as a person sees it: a small picture, the start of a text, the first columns of a row."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from scipy import sparse

from headstart.data.pictures import open_picture
from headstart.problem import Modality

SIDE = 128  # pixels of a thumbnail's longer side
LENGTH = 280  # characters of a text
COLUMNS = 8


def excerpt_of(item: Any, modality: Modality) -> str:
    """The start of a text, or the first columns of a vector; "" for what is shown otherwise."""
    if modality == "text":
        return item if len(item) <= LENGTH else item[: LENGTH - 1] + "…"
    if modality == "vector":
        row = item.toarray().ravel() if sparse.issparse(item) else np.asarray(item).ravel()
        return ", ".join(f"{value:.4g}" for value in row[:COLUMNS]) + (" …" if len(row) > COLUMNS else "")
    return ""


def thumbnail_of(item: Any, modality: Modality) -> str:
    """A small JPEG as a data URI (PNG for tiny pictures, enlarged without blur); "" for other modalities."""
    if modality != "image":
        return ""
    picture = open_picture(item)
    longer = max(picture.size)
    if longer < SIDE // 2:
        factor = SIDE // longer
        picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
        return _uri(picture, "PNG")
    picture.thumbnail((SIDE, SIDE))
    return _uri(picture, "JPEG")


def _uri(picture: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=80, optimize=True)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
