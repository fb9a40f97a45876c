"""Digits rendered from fonts and digits written by hand, both as 8x8 grey pictures made by the same steps.

The handwritten ones (Alpaydin & Kaynak, 1998; scikit-learn's `load_digits`) went through NIST's form reader (Garris et
al., NISTIR 5469, 1994): slant taken out, stretched to 20x32 of 32x32 black-and-white pixels, strokes thinned or
thickened to about equal ink; then each 4x4 block was counted. The rendered ones go the same way, so that what is left
between the two is how a digit is drawn: that is the gap which transfer has to cross.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy.ndimage import gaussian_filter, maximum_filter
from sklearn.datasets import load_digits

Counts = NDArray[np.uint8]  # (n, 8, 8): black pixels per 4x4 block, 0..16
Labels = NDArray[np.int64]  # (n,): the digit

# Text fonts only: matplotlib also ships mathematical symbols and a last-resort font of empty boxes.
TEXT_FONTS = ("DejaVuSans*", "DejaVuSerif*", "STIXGeneral*", "cmb10*", "cmr10*", "cmss10*", "cmti10*", "cmtt10*")
CANVAS = 64  # glyphs are bent at twice the size of the bitmap
CELLS = 4  # a hand trembles differently in each of 4x4 parts of the canvas


@dataclass(frozen=True, kw_only=True)
class Hand:
    """How far a rendered digit may stray from its font; each value is drawn uniformly from its range.

    slant     columns per row          rotation  degrees
    width     stretch                  ink       black pixels of 32x32 (handwritten: mean 313, deviation 34)
    tremor    standard deviation, in pixels of the canvas, by which the corners of its cells are moved
    """

    slant: tuple[float, float] = (-0.35, 0.35)
    rotation: tuple[float, float] = (-12.0, 12.0)
    width: tuple[float, float] = (0.65, 1.4)
    ink: tuple[float, float] = (255.0, 370.0)
    tremor: float = 5.0


def fonts() -> list[Path]:
    """The font files in matplotlib's own folder that hold the ten digits."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return sorted(path for kind in TEXT_FONTS for path in folder.glob(f"{kind}.ttf") if "Display" not in path.name)


def render(n: int, *, seed: int = 0, hand: Hand | None = None) -> tuple[Counts, Labels]:
    """`n` digits, equally many of each as far as can be, with their labels; one seed, one set of pictures."""
    hand = hand or Hand()
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % 10)
    masters = [[glyph(font, str(digit)) for digit in range(10)] for font in fonts()]
    which = rng.integers(len(masters), size=n)
    drawn = (_drawn(masters[font][digit], hand, rng) for font, digit in zip(which, labels, strict=True))
    return np.stack([counts(bitmap(picture, ink=int(rng.uniform(*hand.ink)))) for picture in drawn]), labels


def handwritten(*, per_class: int, held_out: int = 900, seed: int = 0) -> dict[str, tuple[Counts, Labels]]:
    """scikit-learn's 1,797 digits as "train" (`per_class` of each), "test" (`held_out`) and "unlabelled" (the rest)."""
    bunch = load_digits()
    pictures, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.int64)
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    turns = [shuffled[labels[shuffled] == digit] for digit in range(10)]
    test = np.concatenate([rows[: held_out // 10] for rows in turns])
    train = np.concatenate([rows[held_out // 10 :][:per_class] for rows in turns])
    rest = np.setdiff1d(np.arange(len(labels)), np.concatenate([test, train]))
    parts = {"train": train, "test": test, "unlabelled": rest}
    return {name: (pictures[rows], labels[rows]) for name, rows in parts.items()}


def write(folder: Path, pictures: Counts, labels: Labels | None = None) -> None:
    """One 8-bit grey PNG each (a count of 16 becomes 255), in a folder per digit where labels are given."""
    homes = [folder / str(label) for label in labels] if labels is not None else [folder] * len(pictures)
    for home in set(homes):
        home.mkdir(parents=True, exist_ok=True)
    for row, (home, picture) in enumerate(zip(homes, grey(pictures), strict=True)):
        Image.fromarray(picture).save(home / f"{row:05d}.png")


def grey(pictures: Counts) -> NDArray[np.uint8]:
    """Counts 0..16 as grey values 0..255."""
    return np.asarray(np.rint(pictures * (255 / 16)), dtype=np.uint8)


def glyph(font: Path, digit: str) -> Image.Image:
    """The digit of a font, white on black, in the middle of the canvas."""
    letters = ImageFont.truetype(str(font), CANVAS)
    picture = Image.new("L", (CANVAS, CANVAS))
    ImageDraw.Draw(picture).text((CANVAS / 2, CANVAS / 2), digit, fill=255, font=letters, anchor="mm")
    return picture


def _drawn(picture: Image.Image, hand: Hand, rng: np.random.Generator) -> Image.Image:
    """The glyph as some hand might have drawn it."""
    angle = np.deg2rad(rng.uniform(*hand.rotation))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    bend = np.array([[1 / rng.uniform(*hand.width), rng.uniform(*hand.slant)], [0.0, 1.0]])
    return _bent(picture, bend @ turn, tremor=rng.normal(0.0, hand.tremor, size=(CELLS + 1, CELLS + 1, 2)))


def _bent(picture: Image.Image, bend: NDArray[np.float64], *, tremor: float | NDArray[np.float64] = 0.0) -> Image.Image:
    """Every pixel taken from `bend` times its offset from the centre; the cells' corners moved by `tremor`."""
    lines = np.linspace(0, CANVAS, CELLS + 1)
    corners = np.stack(np.meshgrid(lines, lines), axis=-1)  # [row, column] -> (x, y) in the result
    taken = ((corners - CANVAS / 2) @ bend.T + CANVAS / 2 + tremor).tolist()  # where that lies in the picture
    step = CANVAS // CELLS
    cells = [
        (
            (x * step, y * step, (x + 1) * step, (y + 1) * step),
            (*taken[y][x], *taken[y + 1][x], *taken[y + 1][x + 1], *taken[y][x + 1]),
        )
        for y in range(CELLS)
        for x in range(CELLS)
    ]
    return picture.transform(picture.size, Image.Transform.MESH, cells, Image.Resampling.BILINEAR)


def bitmap(drawn: Image.Image, *, ink: int) -> NDArray[np.bool_]:
    """(32, 32) black and white: slant taken out, stretched to 20 columns by 32 rows, about `ink` pixels black."""
    ridges = _upright(drawn).filter(ImageFilter.GaussianBlur(2))
    box = ridges.point([255 * (level > 70) for level in range(256)]).getbbox()
    levels = np.asarray(_one_pen(ridges).resize((20, 32), Image.Resampling.BILINEAR, box=box))
    cut = np.partition(levels.ravel(), -ink)[-ink]  # cut high, strokes are thin; cut low, they are thick
    return np.pad(levels >= max(cut, 1), ((0, 0), (6, 6)))


def _one_pen(ridges: Image.Image) -> Image.Image:
    """A blurred stroke is a ridge. Make all ridges equally high, or hairlines go before stems become thinner."""
    height = np.asarray(ridges, dtype=np.float32)
    highest_near = gaussian_filter(maximum_filter(height, size=9), sigma=2)
    return Image.fromarray((255 * height / (highest_near + 40)).clip(0, 255).astype(np.uint8))


def _upright(drawn: Image.Image) -> Image.Image:
    """Sheared until the leftmost pixels of the top and the bottom row stand above each other."""
    inked = np.asarray(drawn) > 110
    rows = np.flatnonzero(inked.any(axis=1))
    top, bottom = rows[0], rows[-1]
    shear = (inked[bottom].argmax() - inked[top].argmax()) / (bottom - top)
    return _bent(drawn, np.array([[1.0, shear], [0.0, 1.0]]))


def counts(black: NDArray[np.bool_]) -> Counts:
    """(8, 8): how many pixels of each 4x4 block are black."""
    return np.asarray(black.reshape(8, 4, 8, 4).sum(axis=(1, 3)), dtype=np.uint8)
