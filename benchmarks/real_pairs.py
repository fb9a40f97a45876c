"""Real pairs of domains for `diagnosis.py`: pictures, reviews, digits, radio fingerprints, halves of each."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from reporting import DATA, Table
from scipy.stats import spearmanr

import headstart as hs
from headstart.diagnosis.diagnosing import diagnose_features
from headstart.diagnosis.findings import Diagnosis
from headstart.diagnosis.side import Side
from headstart.features.extraction import extract

MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
REVIEWS = ("books", "dvd", "electronics", "kitchen")
OBJECTS = ("amazon", "caltech10", "dslr", "webcam")


FAMILIES = ("objects", "reviews", "digits", "radio, by time", "radio, by phone")
RANKED = ("objects", "reviews")  # the pairs of four domains each


def real(chosen: Sequence[str], *, quick: bool) -> dict[str, Table]:
    """Every pair with labels, and once more without the target's: the harm foretold beside the harm seen."""
    rows, halves, harms = [], [], []
    for name in chosen:
        domains = FAMILY_OF[name]()[: 2 if quick else None]
        for source, target in itertools.permutations(domains, 2):
            found = diagnose_features(source, target)
            blind = diagnose_features(source, replace(target, labels=np.full(len(target), -1)))
            foretold = blind.expected
            told = (foretold.loss, foretold.source - foretold.by_confidence) if foretold else (np.nan, np.nan)
            seen = found.harm.loss.value if found.harm else float("nan")
            harms.append((name, *told, seen))
            cost = str(found.harm.loss) if found.harm else "–"
            gain = str(found.harm.gain) if found.harm and found.harm.gain else "–"
            pair = f"{source.name} > {target.name}"
            told_text = [f"{value:.3f}" for value in told]
            rows.append([name, pair, *answers(found), cost, *told_text, gain, found.setting.variety])
        for domain in domains:
            order = np.random.default_rng(7).permutation(len(domain))
            first, second = (domain.take(np.sort(part)) for part in np.array_split(order, 2))
            halves.append([name, domain.name, *answers(diagnose_features(first, second))])
    columns = ["family", "pair", "X", "P(X)", "AUC", "Y", "P(Y)", "P(Y|X)", "p", "harm seen", "foretold by agreement",
               "by confidence", "adding the source", "setting"]  # fmt: skip
    return {
        "Real pairs": (columns, rows),
        "Two random halves of one domain": (["family", "domain", *columns[2:9]], halves),
        "Harm foretold without target labels and harm seen": _ranks(harms),
    }


def _ranks(harms: Sequence[tuple[str, float, float, float]]) -> Table:
    """Spearman's rank correlation over the pairs of each family, and of those of four domains together."""
    chosen = {name: [one for one in harms if one[0] == name] for name in dict.fromkeys(one[0] for one in harms)}
    chosen["objects and reviews"] = [one for one in harms if one[0] in RANKED]
    rows = []
    for name, pairs in chosen.items():
        if len(pairs) > 3:
            _, agreement, confidence, seen = zip(*pairs, strict=True)
            ranks = [spearmanr(foretold, seen).statistic for foretold in (agreement, confidence)]
            off = float(np.abs(np.array(agreement) - np.array(seen)).mean())
            rows.append([name, len(pairs), *(f"{rank:.2f}" for rank in ranks), f"{off:.3f}"])
    return ["family", "pairs", "Spearman, agreement", "Spearman, confidence", "mean error, agreement"], rows


def answers(found: Diagnosis) -> list[str]:
    auc = f"{found.marginals.auc.value:.2f}" if found.marginals else "–"
    by_name = {condition.name: condition for condition in found.conditions}
    conditional = by_name["P(Y|X)"]
    shares = found.shares.answer if found.shares else "–"
    return [by_name["X"].answer, by_name["P(X)"].answer, auc, by_name["Y"].answer, shares, conditional.answer,
            "–" if np.isnan(conditional.p) else f"{conditional.p:.3f}"]  # fmt: skip


def reviews(name: str) -> Side:
    """One sentence vector each (the packaged sentence encoder)."""
    dataset = hs.read(DATA / "text" / f"amazon_{name}.csv", text="text", label="label", name=name)
    return embedded(dataset, hs.open_backbone("sentence/all-MiniLM-L6-v2"))


def objects(name: str) -> Side:
    file = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(file), **MOBILENET)
    dataset = hs.preflight(hs.read(DATA / "images" / "office_caltech10" / name, name=name)).dataset
    return embedded(dataset, backbone)


def embedded(dataset: hs.Dataset, backbone: object) -> Side:
    layer = backbone.layers[-1]  # type: ignore[attr-defined]
    X = extract(dataset, backbone, layers=[layer])[layer].X  # type: ignore[arg-type]
    return Side(X, dataset.labels, dataset.task, replace(dataset.domain, columns=()))


def digits() -> list[Side]:
    import h5py  # this family alone needs it

    file = DATA / "vectors" / "usps_mnist" / "USPS_vs_MNIST.mat"
    with h5py.File(file) as data:
        found = []
        for side, name in (("s", "USPS"), ("t", "MNIST")):
            X = np.array(data[f"X{side}"], dtype=np.float64)
            labels = np.array(data[f"Y{side}"]).ravel().astype(int)
            X = X if len(X) == len(labels) else X.T
            X = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12)
            found.append(Side.of(X, labels.astype(str), name=name))
    return found


def radio() -> dict[str, list[Side]]:
    """Which floor a phone is on: the training survey against the later one, and one phone against another."""
    with zipfile.ZipFile(DATA / "vectors" / "ujiindoorloc" / "UJIndoorLoc.zip") as archive:
        tables = {}
        for entry in archive.namelist():
            if entry.endswith(".csv"):
                lines = csv.reader(io.StringIO(archive.read(entry).decode()))
                header = next(lines)
                tables["later" if "valid" in entry.lower() else "first"] = (header, np.array(list(lines), dtype=float))
    header, first = tables["first"]
    place, phone = header.index("FLOOR"), header.index("PHONEID")

    def side(rows: np.ndarray, name: str) -> Side:
        X = np.where(rows[:, :520] == 100, -105.0, rows[:, :520])
        return Side.of(X, rows[:, place].astype(int).astype(str), columns=tuple(header[:520]), name=name)

    common = [number for number, _ in sorted(
        ((n, int((first[:, phone] == n).sum())) for n in np.unique(first[:, phone])), key=lambda pair: -pair[1]
    )[:2]]  # fmt: skip
    return {
        "radio, by time": [side(first, "first survey"), side(tables["later"][1], "later survey")],
        "radio, by phone": [side(first[first[:, phone] == n], f"phone {int(n)}") for n in common],
    }


FAMILY_OF: dict[str, Callable[[], list[Side]]] = {
    "objects": lambda: [objects(name) for name in OBJECTS],
    "reviews": lambda: [reviews(name) for name in REVIEWS],
    "digits": lambda: digits(),
    "radio, by time": lambda: radio()["radio, by time"],
    "radio, by phone": lambda: radio()["radio, by phone"],
}
