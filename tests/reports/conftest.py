"""Three realistic results: photos with mistakes to look at, texts in cross-validation, and a case where a null wins."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from headstart.results import Interval, Score
from headstart.strategies.findings import (
    AbstainPoint,
    CurvePoint,
    Entry,
    Findings,
    Kind,
    Mistake,
    Reliability,
    Training,
)

VERSIONS = {"headstart": "0.1.0", "torch": "2.13.0", "numpy": "2.4.1", "scikit-learn": "1.9.0", "timm": "1.0.20"}


def score(value: float, n: int) -> Score:
    """A proportion with its Wilson interval."""
    z = 1.96
    centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    se = float(np.sqrt(value * (1 - value) / n))
    return Score(value, se, n, Interval(value, float(centre - half), float(min(centre + half, 1.0))))


def entry(
    name: str,
    kind: Kind,
    accuracy: float,
    *,
    n: int,
    scratch: float,
    tested: bool = True,
    chosen: bool = False,
    seconds: float = 0.0,
    size: int = 0,
    layer: str = "",
    head: str = "",
    note: str = "",
) -> Entry:
    gain = accuracy - scratch
    return Entry(
        name=name,
        kind=kind,
        backbone=name.partition(" · ")[0],
        layer=layer,
        head=head,
        validation=score(accuracy - 0.01, 2 * n),
        test=score(accuracy, n) if tested else None,
        gain=None if kind == "from scratch" else Interval(gain, gain - 0.081, gain + 0.078),
        seconds=seconds,
        bytes=size,
        chosen=chosen,
        note=note,
    )


def picture(seed: int) -> str:
    """A small landscape as a JPEG data URI."""
    rng = np.random.default_rng(seed)
    sky = np.linspace(rng.integers(90, 200, 3), rng.integers(180, 255, 3), 96)[:, None, :]
    image = Image.fromarray(np.broadcast_to(sky, (96, 128, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(4):
        x, r = int(rng.integers(0, 110)), int(rng.integers(8, 26))
        draw.ellipse((x, 70 - r, x + 2 * r, 70 + r), fill=tuple(int(v) for v in rng.integers(30, 180, 3)))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def curve(values: tuple[float, ...], counts: tuple[int, ...], n: int) -> tuple[CurvePoint, ...]:
    return tuple(CurvePoint(n=k, accuracy=score(v, n).interval) for k, v in zip(counts, values, strict=True))


def reliability() -> Reliability:
    centres = tuple(float(c) for c in np.arange(0.05, 1.0, 0.1))
    accuracy = (float("nan"), float("nan"), float("nan"), 0.33, 0.5, 0.57, 0.68, 0.71, 0.89, 0.97)
    return Reliability(
        confidence=centres,
        accuracy=accuracy,
        count=(0, 0, 0, 3, 6, 14, 19, 31, 47, 112),
        error_before=0.083,
        error_after=0.021,
        temperature=1.62,
    )


def training() -> Training:
    return Training(
        name="mobilenetv2_100 · last2",
        move="last2",
        boundary="blocks.5",
        moved=1_143_202,
        numbers=2_226_434,
        frozen="0123456789abcdef" * 4,
        kept=3,
        steps=21,
        fits=5,
        losses=(0.31, 0.22, 0.18),
        validation=(0.29, 0.25, 0.24, 0.23, 0.24, 0.26),
        accuracy=(0.91, 0.92, 0.93, 0.94, 0.94, 0.93),
        passes=1125,
        avoided=14_000,
        saved=640.0,
        seconds=180.0,
        way=0.75,
    )


def abstain() -> tuple[AbstainPoint, ...]:
    answered = np.linspace(1.0, 0.1, 30)
    return tuple(
        AbstainPoint(threshold=float(1 - 0.8 * a), answered=float(a), accuracy=float(0.997 - 0.06 * a**2))
        for a in answered
    )


def confusion(n_classes: int, n: int, accuracy: float, seed: int = 0) -> tuple[tuple[int, ...], ...]:
    """Counts of about `n` samples whose mistakes fall mostly on the neighbouring classes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, n)
    moved = np.where(rng.random(n) < 0.6, 1, rng.integers(1, max(n_classes, 2), n))
    predicted = np.where(rng.random(n) < accuracy, truth, (truth + moved) % n_classes)
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (truth, predicted), 1)
    return tuple(tuple(int(v) for v in row) for row in counts)


def photos_findings() -> Findings:
    classes = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    kept = "timm/mobilenetv2_100 · ridge"
    scratch = 0.642
    rows = (
        (kept, "frozen features", 0.916, 8.4, 9_400_000, "global_pool", "ridge", True, ""),
        (
            "timm/mobilenetv2_100 · all layers · logistic",
            "frozen features",
            0.921,
            21.7,
            9_640_000,
            "blocks.4, blocks.5, global_pool",
            "logistic",
            False,
            "",
        ),
        (
            "timm/mobilenetv1_100 · lda",
            "frozen features",
            0.894,
            7.1,
            13_200_000,
            "global_pool",
            "lda",
            False,
            "class weights balanced",
        ),
        ("from scratch · conv", "from scratch", scratch, 74.3, 1_310_000, "block3", "its own", False, ""),
        (
            "random/timm/mobilenetv2_100 · ridge",
            "random weights",
            0.518,
            8.2,
            9_400_000,
            "global_pool",
            "ridge",
            False,
            "",
        ),
        ("raw · ridge", "raw input", 0.441, 0.4, 61_000, "pixels", "ridge", False, ""),
        ("majority class", "majority", 0.2, 0.0, 0, "", "", False, ""),
    )
    entries = tuple(
        entry(
            name,
            kind,
            accuracy,
            n=250,
            scratch=scratch,
            seconds=seconds,
            size=size,
            layer=layer,
            head=head,
            chosen=chosen,
            note=note,
        )
        for name, kind, accuracy, seconds, size, layer, head, chosen, note in rows
    )
    counts = (25, 50, 100, 200, 550)
    pairs = [("roses", "tulips"), ("tulips", "roses"), ("daisy", "dandelion"), ("sunflowers", "dandelion")]
    return Findings(
        title="flowers",
        verdict=f"Transfer helps: {kept} gains +27.4 points [+19.3, +35.2] over learning from scratch, "
        "with 550 labelled samples of 5 classes.",
        created="2026-05-03T14:02:11+00:00",
        modality="image",
        classes=classes,
        class_counts=(160, 160, 158, 160, 161),
        n_samples=842,
        n_labelled=799,
        n_train=550,
        n_test=249,
        split="held out",
        source="",
        entries=entries,
        confusion=confusion(5, 249, 0.916),
        reliability=reliability(),
        abstain=abstain(),
        trainings=(training(),),
        curves={
            kept: curve((0.71, 0.8, 0.862, 0.893, 0.916), counts, 250),
            "from scratch · conv": curve((0.31, 0.37, 0.45, 0.53, 0.642), counts, 250),
        },
        mistakes=tuple(
            Mistake(
                id=f"{pairs[k % 4][0]}/{1000 + 37 * k}_{k}f3b.jpg",
                truth=pairs[k % 4][0],
                predicted=pairs[k % 4][1],
                confidence=0.991 - 0.03 * k,
                thumbnail=picture(k),
            )
            for k in range(12)
        ),
        rejects=(
            ("roses/0017.jpg", "truncated after 40,960 of 51,200 bytes"),
            ("tulips/readme.jpg", "not a picture: it begins like a text"),
        ),
        duplicates=(("daisy/1.jpg", "daisy/copy of 1.jpg"), ("roses/a.jpg", "roses/b.jpg", "roses/c.jpg")),
        notes=(
            "43 samples carry no label; they were not used to learn the head.",
            "The learning curve was measured once per size.",
        ),
        costs={"reading": 1.9, "features": 14.6, "heads": 3.1, "from scratch": 74.3, "saving": 0.4},
        repeat={
            "command": "headstart transfer flowers/ -o model/ --seed 0",
            "seed": 0,
            "split": "9f2c51e0a7d4b86e",
            "versions": VERSIONS,
            "python": "3.12.4",
        },
    )


def reviews_findings() -> Findings:
    """Texts, so few that they are cross-validated."""
    kept, scratch = "sentence/all-MiniLM-L6-v2 · logistic", 0.618
    rows = (
        (kept, "frozen features", 0.774, 2.9, 90_900_000, "sentence", "logistic", True),
        ("words/glove.25d · lda", "frozen features", 0.671, 0.8, 1_200_000, "mean", "lda", False),
        ("from scratch · tfidf", "from scratch", scratch, 0.3, 88_000, "tfidf", "logistic", False),
        ("majority class", "majority", 0.51, 0.0, 0, "", "", False),
    )
    entries = tuple(
        entry(
            name,
            kind,
            accuracy,
            n=100,
            scratch=scratch,
            tested=False,
            seconds=seconds,
            size=size,
            layer=layer,
            head=head,
            chosen=chosen,
        )
        for name, kind, accuracy, seconds, size, layer, head, chosen in rows
    )
    texts = (
        "A film that is so earnest about its good intentions that it forgets, for ninety minutes, to have a pulse.",
        "You will not find a warmer, more generous failure this year.",
        "It is not without its pleasures, though I would be hard pressed to name a second one …",
        "كان الفيلم أجمل مما توقعت، رغم نهايته",
    )
    return replace(
        photos_findings(),
        title="reviews.csv",
        modality="text",
        classes=("negative", "positive"),
        class_counts=(51, 49),
        verdict=f"Transfer helps: {kept} gains +15.6 points [+7.5, +23.4] over learning from scratch, "
        "with 100 labelled samples of 2 classes.",
        n_samples=10_662,
        n_labelled=100,
        n_train=100,
        n_test=0,
        split="cross-validation",
        entries=entries,
        confusion=((41, 10), (13, 36)),
        curves={},
        mistakes=tuple(
            Mistake(
                id=f"row {97 * k + 3}", truth="negative", predicted="positive", confidence=0.93 - 0.04 * k, excerpt=text
            )
            for k, text in enumerate(texts)
        ),
        rejects=(),
        duplicates=(),
        notes=(),
        repeat={
            "command": "headstart transfer reviews.csv --text text --label label -o model/",
            "seed": 0,
            "split": "11aa0cce",
            "versions": VERSIONS,
        },
    )


def null_wins_findings() -> Findings:
    """Sensor rows whose own columns say more than any transferred feature."""
    scratch = 0.883
    rows = (
        ("model/phones · ridge", "frozen features", 0.861, 3.2, 240_000, False),
        ("from scratch · mlp", "from scratch", scratch, 5.1, 310_000, True),
        ("source only · phones", "source only", 0.402, 0.0, 240_000, False),
        ("raw · ridge", "raw input", 0.79, 0.1, 12_000, False),
        ("majority class", "majority", 0.34, 0.0, 0, False),
    )
    entries = tuple(
        entry(name, kind, accuracy, n=400, scratch=scratch, seconds=seconds, size=size, chosen=chosen, head="ridge")
        for name, kind, accuracy, seconds, size, chosen in rows
    )
    return replace(
        photos_findings(),
        title="floors",
        modality="vector",
        classes=("ground", "first", "second"),
        class_counts=(410, 380, 330),
        verdict="Transfer does not help here: learning from scratch (from scratch · mlp) does better "
        "with 720 labelled samples of 3 classes.",
        n_samples=1120,
        n_labelled=1120,
        n_train=720,
        n_test=400,
        split="given",
        source="phones",
        entries=entries,
        confusion=confusion(3, 400, 0.883),
        mistakes=(),
        curves={"from scratch · mlp": curve((0.61, 0.74, 0.82, 0.883), (90, 180, 360, 720), 400)},
    )


@pytest.fixture(scope="session")
def photos() -> Findings:
    return photos_findings()


@pytest.fixture(scope="session")
def reviews() -> Findings:
    return reviews_findings()


@pytest.fixture(scope="session")
def null_wins() -> Findings:
    return null_wins_findings()
