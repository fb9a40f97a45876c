"""The target tasks of `regret.py`: photos, texts, vectors, each with the backbones that could be transferred to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import h5py
import numpy as np
from reporting import DATA
from sklearn.datasets import load_digits, load_svmlight_file

import headstart as hs
from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.features.store import Store
from headstart.strategies.source_network import source_network

MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
CHECKPOINTS = ("mobilenetv2_100.imagenet", "mobilenetv2_100.inat_insect", "mobilenetv2_100.inat_bird",
               "mobilenetv1_100.imagenet")  # fmt: skip
GLOVE = f"words/{DATA / 'words' / 'glove.twitter.27B.25d.12k.txt'}"
REVIEWS = ("books", "dvd", "electronics", "kitchen")
OBJECTS = ("amazon", "caltech10", "dslr", "webcam")
MOST_TRAIN, MOST_TEST = {"image": 250, "text": 400, "vector": 600}, {"image": 200, "text": 800, "vector": 1400}
MOST_SHARE = 0.55  # of a small task's rows that are learned from


@dataclass(frozen=True)
class Target:
    """One task: its samples, and what could be transferred to it (the first is what people would take).

    similar  what a lecture would say: is it like what the first backbone has seen?
    """

    name: str
    modality: str
    read: Callable[[], Dataset]
    open: Callable[[Store], list[Backbone]]
    similar: bool

    @cached_property
    def dataset(self) -> Dataset:
        """The samples that can be used, each content once, as many as the benchmark can afford."""
        data = hs.preflight(self.read()).dataset
        data = data.take(data.labelled)
        if data.digests is not None:
            first = {digest: row for row, digest in reversed(list(enumerate(data.digests)))}
            data = data.take(np.array(sorted(first.values())))
        return data

    @cached_property
    def pool(self) -> np.ndarray:
        """The rows that take part, at most so many, in the classes' own proportions; the same ones in every draw."""
        labels, rng = self.dataset.labels, np.random.default_rng(7)
        wanted = min(1.0, (MOST_TRAIN[self.modality] + MOST_TEST[self.modality]) / len(labels))
        chosen = []
        for code in range(self.dataset.task.n_classes):
            members = rng.permutation(np.flatnonzero(labels == code))
            chosen.append(members[: max(4, round(wanted * len(members)))])
        return np.sort(np.concatenate(chosen))

    def parts(self, draw: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a draw to learn from and rows to test on, every class in both."""
        labels, rng = self.dataset.labels[self.pool], np.random.default_rng((7, draw))
        share = min(MOST_SHARE, MOST_TRAIN[self.modality] / len(self.pool))
        train, test = [], []
        for code in np.unique(labels):
            members = self.pool[rng.permutation(np.flatnonzero(labels == code))]
            cut = max(2, round(share * len(members)))
            train.append(members[:cut])
            test.append(members[cut:])
        return np.sort(np.concatenate(train)), np.sort(np.concatenate(test))

    def tested(self, draw: int) -> np.ndarray:
        """Which rows of the pool a draw tests on."""
        return np.isin(self.pool, self.parts(draw)[1])

    def draw(self, per_class: int | None, draw: int) -> Dataset:
        """Some labelled rows per class to learn from (None: all there are), the test rows marked as such."""
        train, test = self.parts(draw)
        labels, rng = self.dataset.labels, np.random.default_rng(draw)
        if per_class is not None:
            members = [rng.permutation(train[labels[train] == code])[:per_class] for code in np.unique(labels[train])]
            train = np.sort(np.concatenate(members))
        chosen = self.dataset.take(np.concatenate([train, test]))
        parts = ("train",) * len(train) + ("test",) * len(test)
        return replace(chosen, parts=parts, domain=replace(chosen.domain, name=self.name))


def targets() -> Iterator[Target]:
    """Twenty tasks."""
    for name in ("hymenoptera", "flowers"):
        yield Target(name, "image", lambda name=name: whole(hs.read(DATA / "images" / name)), photos, True)
    for name in OBJECTS:
        folder = DATA / "images" / "office_caltech10" / name
        yield Target(f"office {name}", "image", lambda folder=folder: hs.read(folder), photos, True)
    for name in ("movie_reviews", "trec_train", "sms_spam", *(f"amazon_{name}" for name in REVIEWS)):
        file = DATA / "text" / f"{name}.csv"
        yield Target(name, "text", lambda file=file: hs.read(file, text="text", label="label"), texts, True)
    for name, other in (("usps", "mnist"), ("mnist", "usps")):
        yield Target(name, "vector", lambda name=name: digits(name), lambda s, other=other: [learned(digits(other), s)],
                     True)  # fmt: skip
    yield Target("digits 8x8", "vector", small_digits, lambda s: [learned(digits("mnist", side=8), s)], True)
    for name, other in (("books", "dvd"), ("dvd", "books"), ("electronics", "kitchen"), ("kitchen", "electronics")):
        yield Target(f"tf-idf {name}", "vector", lambda name=name: term_weights(name),
                     lambda s, other=other: [learned(term_weights(other), s)], True)  # fmt: skip


def whole(data: Dataset) -> Dataset:
    """Without the split it came with."""
    return replace(data, parts=None)


def photos(_store: Store) -> list[Backbone]:
    opened = []
    for name in CHECKPOINTS:
        file = str(DATA / "checkpoints" / f"{name}.safetensors")
        opened.append(hs.open_backbone(f"timm/{name.partition('.')[0]}", checkpoint=file, **MOBILENET))
    return [*opened, hs.open_backbone("random/timm/mobilenetv2_100", **MOBILENET)]


def texts(_store: Store) -> list[Backbone]:
    return [hs.open_backbone("sentence/all-MiniLM-L6-v2"), hs.open_backbone(GLOVE)]


def learned(source: Dataset, store: Store) -> Backbone:
    """The network that a labelled source teaches; trained once."""
    return source_network(hs.preflight(source).dataset, root=store.folder("networks")).backbone


def digits(name: str, side: int = 16) -> Dataset:
    """USPS (1,800) or MNIST (2,000), 16 x 16, values 0..1; smaller ones by averaging."""
    key = {"usps": "s", "mnist": "t"}[name]
    with h5py.File(DATA / "vectors" / "usps_mnist" / "USPS_vs_MNIST.mat") as file:
        X, y = np.array(file[f"X{key}"]), np.array(file[f"Y{key}"]).ravel().astype(int)
    X = X if len(X) == len(y) else X.T
    X = X / X.max()
    if side != 16:
        step = 16 // side
        X = X.reshape(len(X), side, step, side, step).mean(axis=(2, 4)).reshape(len(X), -1)
    return named(hs.read((X, y.astype(str))), name)


def small_digits() -> Dataset:
    X, y = load_digits(return_X_y=True)
    return named(hs.read((X / 16, y.astype(str))), "digits")


def term_weights(name: str) -> Dataset:
    X, y = load_svmlight_file(str(DATA / "vectors" / "amazon_reviews" / f"{name}_train.svmlight"), n_features=5000)
    return named(hs.read((X.toarray().astype(np.float32), y.astype(int).astype(str))), name)


def named(data: Dataset, name: str) -> Dataset:
    return replace(data, domain=replace(data.domain, name=name))
