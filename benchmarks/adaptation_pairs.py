"""Pairs of domains for the adaptation benchmark: source, unlabelled target, and the target rows that are scored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from reporting import DATA
from scipy import sparse
from scipy.ndimage import rotate
from sklearn.datasets import load_digits, load_svmlight_file
from sklearn.feature_extraction.text import TfidfTransformer

import headstart as hs

MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}


class Pair(NamedTuple):
    """Source rows and labels; target rows; the rows and labels that are scored."""

    name: str
    Xs: Any
    ys: Any
    Xt: Any
    Xe: Any
    ye: Any


def usps_mnist() -> Iterator[Pair]:
    """16 x 16 pixels, rows of length one (Long et al., ICCV 2013)."""
    import h5py

    for name in ("USPS_vs_MNIST", "MNIST_vs_USPS"):
        with h5py.File(DATA / "vectors" / "usps_mnist" / f"{name}.mat") as file:
            ys, yt = (np.array(file[key]).ravel().astype(int) for key in ("Ys", "Yt"))
            Xs, Xt = (np.array(file[key]) for key in ("Xs", "Xt"))
        Xs, Xt = (unit(X if len(X) == len(y) else X.T) for X, y in ((Xs, ys), (Xt, yt)))
        yield Pair(name.replace("_vs_", ">"), Xs, ys, Xt, Xt, yt)


def turned_digits(seeds: int = 3, *, order: int = 3) -> Iterator[Pair]:
    """8 x 8 digits; the target's are turned by 35 degrees (splines of that order) and noisy."""
    X, y = load_digits(return_X_y=True)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        first, second = np.array_split(rng.permutation(len(X)), 2)
        turn = np.array([rotate(row.reshape(8, 8), 35, reshape=False, order=order).ravel() for row in X[second]])
        turn = (turn + 2 * rng.standard_normal(turn.shape)) / 16
        yield Pair(f"{'turned' if order == 3 else 'bilinear'} {seed}", X[first] / 16, y[first], turn, turn, y[second])


def other_shares(seeds: int = 6, *, shift: bool) -> Iterator[Pair]:
    """Digits under noise, the target's classes drawn anew (Dirichlet .3) or as they are."""
    X, y = load_digits(return_X_y=True)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        first, second = np.array_split(rng.permutation(len(X)), 2)
        prior = rng.dirichlet(np.full(10, 0.3)) if shift else np.bincount(y[second]) / len(second)
        chance = prior[y[second]] / np.bincount(y[second], minlength=10)[y[second]]
        drawn = rng.choice(second, 600, p=chance / chance.sum())
        Xs, Xt = ((X[rows] + 8 * rng.standard_normal((len(rows), 64))) / 16 for rows in (first, drawn))
        yield Pair(f"{'label shift' if shift else 'no shift'} {seed}", Xs, y[first], Xt, Xt, y[drawn])


def office() -> Iterator[Pair]:
    """The 12 pairs of Office-Caltech10, on features of a MobileNetV2 trained on ImageNet."""
    file = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(file), **MOBILENET)
    sides = {}
    for domain in ("amazon", "caltech10", "dslr", "webcam"):
        dataset = hs.read(DATA / "images" / "office_caltech10" / domain)
        X = hs.extract(dataset, backbone, layers=backbone.layers[-1:])[backbone.layers[-1]].X
        sides[domain] = np.asarray(X, dtype=np.float64), np.array(dataset.task.classes)[dataset.labels]
    for source, target in itertools.permutations(sides, 2):
        Xt, yt = sides[target]
        yield Pair(f"{source[0]}>{target[0]}".upper(), *sides[source], Xt, Xt, yt)


def amazon() -> Iterator[Pair]:
    """The 12 pairs of four kinds of reviews, tf-idf of 5,000 words and pairs of words, CSR; scored on the test files.

    Rows of length one, 1 + log of each count, times the rarity of its word on both sides: of eight ways to weigh the
    counts the one of highest accuracy within the sources (5 folds).
    """
    for source, target in itertools.permutations(("books", "dvd", "electronics", "kitchen"), 2):
        (Xs, ys), (Xt, _), (Xe, ye) = reviews(source, "train"), reviews(target, "train"), reviews(target, "test")
        weigh = TfidfTransformer(sublinear_tf=True).fit(sparse.vstack([Xs, Xt]))
        yield Pair(f"{source[0]}>{target[0]}".upper(), weigh.transform(Xs), ys, *map(weigh.transform, (Xt, Xe)), ye)


def sentences() -> Iterator[Pair]:
    """The 20 pairs of five kinds of reviews, 2,000 each, on MiniLM's layer two thirds of the way up."""
    backbone, sides = hs.open_backbone("sentence/all-MiniLM-L6-v2"), {}
    layer = backbone.layers[2 * (len(backbone.layers) - 1) // 3]
    for name in ("amazon_books", "amazon_dvd", "amazon_electronics", "amazon_kitchen", "movie_reviews"):
        dataset = hs.read(DATA / "text" / f"{name}.csv", text="text", label="label", name=name)
        dataset = dataset.take(np.sort(np.random.default_rng(0).permutation(len(dataset))[:2000]))
        X = hs.extract(dataset, backbone, layers=[layer])[layer].X
        sides[name.removeprefix("amazon_")] = np.asarray(X, dtype=np.float64), dataset.labels
    for source, target in itertools.permutations(sides, 2):
        Xt, yt = sides[target]
        yield Pair(f"{source[0]}>{target[0]}".upper(), *sides[source], Xt, Xt, yt)


def reviews(domain: str, part: str) -> tuple[Any, Any]:
    """CSR counts (n, 5000), and 1 for praise."""
    file = DATA / "vectors" / "amazon_reviews" / f"{domain}_{part}.svmlight"
    X, y = load_svmlight_file(str(file), n_features=5000)
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return X, (y > 0).astype(int)


def unit(X: Any) -> Any:
    return X / np.linalg.norm(X, axis=1, keepdims=True)


SETS: dict[str, Callable[[], Iterator[Pair]]] = {
    "digits": lambda: itertools.chain(usps_mnist(), turned_digits(), turned_digits(order=1)),
    "office": office,
    "amazon": amazon,
    "sentences": sentences,
    "label shift": lambda: other_shares(shift=True),
    "no shift": lambda: other_shares(shift=False),
}
TITLES = {
    "digits": "USPS and MNIST, and digits turned by 35 degrees (cubic splines, and bilinear)",
    "office": "Office-Caltech10, MobileNetV2 features",
    "amazon": "Amazon reviews, sublinear tf-idf of 5,000 words and pairs of words",
    "sentences": "Reviews of books, dvds, electronics, kitchen things and movies, sentence vectors of MiniLM",
    "label shift": "Only class shares differ",
    "no shift": "Nothing differs",
}
