"""Adaptation on real pairs of domains: every method with one classifier, beside `none`, and what `auto` makes of it.

    python benchmarks/adaptation.py [--quick] [--peers]

Figures in the order: USPS/MNIST both ways, digits turned, Office-Caltech10 on MobileNetV2 features, Amazon reviews,
label shift and no shift (where nothing may be lost). `--peers` adds POT and skada, where they are installed.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from reporting import DATA, Table, report
from scipy.ndimage import rotate
from scipy.stats import rankdata, spearmanr
from sklearn.datasets import load_digits, load_svmlight_file
from sklearn.linear_model import LogisticRegression

import headstart as hs
from headstart.adaptation import ADAPTERS
from headstart.adaptation.auto import VOTERS, held_out_rows, source_proba, tempered, widened
from headstart.adaptation.domains import Domains
from headstart.adaptation.instance.discriminative import domain_odds
from headstart.adaptation.shift import compressed
from headstart.adaptation.validators import VALIDATORS
from headstart.adaptation.validators.evidence import Evidence

DENSE = ("none", "coral", "linear_map", "subspace", "geodesic", "tca", "joint_matching", "jda", "transport",
         "class_transport", "nearest", "kmm", "kliep", "ulsif", "rulsif", "discriminative", "em_prior",
         "auto")  # fmt: skip
SPARSE = ("none", "coral", "msda", "pivots", "em_prior", "discriminative", "auto")
MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}


class Pair(NamedTuple):
    """Source, unlabelled target, and the target rows and labels that are scored."""

    name: str
    Xs: Any
    ys: Any
    Xt: Any
    Xe: Any
    ye: Any


def classifier() -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=1000)


def unit(X: Any) -> Any:
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def usps_mnist() -> Iterator[Pair]:
    import h5py

    for name in ("USPS_vs_MNIST", "MNIST_vs_USPS"):
        with h5py.File(DATA / "vectors" / "usps_mnist" / f"{name}.mat") as file:
            ys, yt = (np.array(file[key]).ravel().astype(int) for key in ("Ys", "Yt"))
            Xs, Xt = (np.array(file[key]) for key in ("Xs", "Xt"))
        Xs, Xt = (X if len(X) == len(y) else X.T for X, y in ((Xs, ys), (Xt, yt)))
        yield Pair(name.replace("_vs_", ">"), unit(Xs), ys, unit(Xt), unit(Xt), yt)


def turned_digits(seeds: int) -> Iterator[Pair]:
    X, y = load_digits(return_X_y=True)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        first, second = np.array_split(rng.permutation(len(X)), 2)
        turn = np.array([rotate(row.reshape(8, 8), 35, reshape=False).ravel() for row in X[second]])
        turn = (turn + 2 * rng.standard_normal(turn.shape)) / 16
        yield Pair(f"digits turned {seed}", X[first] / 16, y[first], turn, turn, y[second])


def other_shares(seeds: int, *, shift: bool) -> Iterator[Pair]:
    """Digits under noise, classes drawn anew (Dirichlet .3) or not at all."""
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
    file = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(file), **MOBILENET)
    sides = {}
    for domain in ("amazon", "caltech10", "dslr", "webcam"):
        dataset = hs.read(DATA / "images" / "office_caltech10" / domain)
        X = hs.extract(dataset, backbone, layers=backbone.layers[-1:])[backbone.layers[-1]].X
        sides[domain] = np.asarray(X, dtype=np.float64), np.array(dataset.task.classes)[dataset.labels]
    for source, target in itertools.permutations(sides, 2):
        yield Pair(f"{source[0]}>{target[0]}".upper(), *sides[source], *(sides[target][0],) * 2, sides[target][1])


def amazon() -> Iterator[Pair]:
    def load(domain: str, part: str) -> tuple[Any, Any]:
        X, y = load_svmlight_file(str(DATA / "vectors" / "amazon_reviews" / f"{domain}_{part}.svmlight"), 5000)
        X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
        return X, (y > 0).astype(int)

    for source, target in itertools.permutations(("books", "dvd", "electronics", "kitchen"), 2):
        Xs, ys = load(source, "train")
        Xt, _ = load(target, "train")
        yield Pair(f"{source[0]}>{target[0]}".upper(), Xs, ys, Xt, *load(target, "test"))


def scored(pairs: list[Pair], names: tuple[str, ...]) -> Table:
    """Accuracy in percent of each method on each pair, their mean, the worst loss against `none`, cpu seconds."""
    rows, base = [], np.zeros(len(pairs))
    for name in names:
        found, started = [], time.process_time()
        for pair in pairs:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                adapter = ADAPTERS[name](head=classifier()).fit(pair.Xs, pair.ys, pair.Xt)
                found.append(100 * float((adapter.predict(pair.Xe) == pair.ye).mean()))
        seconds = (time.process_time() - started) / len(pairs)
        base = np.array(found) if name == "none" else base
        rows.append([name, *(round(each, 1) for each in found), round(float(np.mean(found)), 2),
                     round(float((np.array(found) - base).min()), 1), round(seconds, 2)])  # fmt: skip
    return ("method", *(pair.name for pair in pairs), "mean", "worst loss", "cpu s"), rows


def validators_rank(pairs: list[Pair], names: tuple[str, ...]) -> Table:
    """Spearman's correlation, over methods, of each validator's score with the target's accuracy, averaged over pairs,
    and the accuracy of what it would have picked."""
    tables = [evidence_table(pair, names) for pair in pairs]
    voters = {name: [each[name] for each in tables] for name in VALIDATORS}
    voters["ensemble"] = [np.mean([rankdata(each[name]) for name in VOTERS], axis=0) for each in tables]
    rows = []
    for name, scores in voters.items():
        truths = [each["accuracy"] for each in tables]
        together = [spearmanr(s, t)[0] if np.ptp(s) else 0.0 for s, t in zip(scores, truths, strict=True)]
        picked = [100 * t[int(np.argmax(s))] for s, t in zip(scores, truths, strict=True)]
        lost = [p - 100 * t[0] for p, t in zip(picked, truths, strict=True)]
        rows.append([name, round(float(np.mean(together)), 2), round(float(np.mean(picked)), 1), round(min(lost), 1)])
    return ("validator", "spearman", "accuracy picked", "worst loss"), rows


def evidence_table(pair: Pair, names: tuple[str, ...]) -> dict[str, Any]:
    domains = Domains.of(pair.Xs, pair.ys, pair.Xt)
    codes = np.searchsorted(domains.classes, pair.ye)
    fit, held = held_out_rows(domains, 0)
    importance = domain_odds(*compressed(domains))[0][held]
    columns: dict[str, list[float]] = {name: [] for name in (*VALIDATORS, "accuracy")}
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adapter = ADAPTERS[name](head=classifier()).fit(domains.Xs[fit], domains.ys[fit], domains.Xt)
            seen = tempered(
                Evidence(
                    adapter, domains.Xs[fit], domains.ys[fit], domains.Xt,
                    widened(adapter, adapter.predict_proba(domains.Xt), domains.n_classes),
                    widened(adapter, source_proba(adapter, domains.Xs[held]), domains.n_classes), domains.ys[held],
                    importance,
                )
            )  # fmt: skip
            for voter in VALIDATORS:
                columns[voter].append(VALIDATORS[voter](seen))
        columns["accuracy"].append(float((seen.target.argmax(axis=1) == codes).mean()))
    return {name: np.array(values) for name, values in columns.items()}


def times(sizes: tuple[int, ...]) -> Table:
    """cpu seconds of fit and predict at n rows per side, 64 columns, closed-form head, and what is left to converge."""
    from headstart.heads.lda import LDA

    rows = []
    for name, n in itertools.product(("coral", "subspace", "tca", "jda", "kmm", "kliep", "transport"), sizes):
        rng = np.random.default_rng(0)
        centres, ys = 1.0 * rng.standard_normal((10, 64)), rng.integers(0, 10, n)
        Xs = centres[ys] + 2 * rng.standard_normal((n, 64))
        Xt = 1.1 * (centres[rng.integers(0, 10, n)] + 2 * rng.standard_normal((n, 64))) + 0.3
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adapter = ADAPTERS[name](head=LDA(shrinkage=0.1)).fit(Xs, ys, Xt)
        adapter.predict(Xt)
        rows.append([name, n, round(time.process_time() - started, 2), f"{getattr(adapter, 'gap_', float('nan')):.1e}"])
    return ("method", "rows per side", "cpu s", "gap"), rows


def peers(pairs: list[Pair]) -> Table:
    """The same methods of other libraries, the same classifier: accuracy, and cpu seconds of the map and the fit."""
    rows: list[list[object]] = []
    if find_spec("ot"):
        da = importlib.import_module("ot.da")
        classes = da.SinkhornLpl1Transport(reg_e=0.05, reg_cl=0.1, norm="max")
        for name, ours, transport in (
            ("POT SinkhornTransport", "transport", da.SinkhornTransport(reg_e=0.05, norm="max")),
            ("POT SinkhornLpl1Transport", "class_transport", classes),
            ("POT LinearTransport", "linear_map", da.LinearTransport(reg=1e-3)),
        ):  # fmt: skip
            for pair in pairs:
                started = time.process_time()
                mapped = transport.fit(Xs=pair.Xs, ys=pair.ys, Xt=pair.Xt).transform(Xs=pair.Xs)
                accuracy = 100 * classifier().fit(mapped, pair.ys).score(pair.Xe, pair.ye)
                rows.append([name, pair.name, accuracy, time.process_time() - started, *own(ours, pair)])
    if find_spec("skada"):
        skada = importlib.import_module("skada")
        for name, ours in (("CORAL", "coral"), ("SubspaceAlignment", "subspace"), ("KMMReweight", "kmm"),
                           ("TransferComponentAnalysis", "tca"), ("KLIEPReweight", "kliep")):  # fmt: skip
            for pair in pairs:
                X, y = np.vstack([pair.Xs, pair.Xt]), np.append(pair.ys, np.full(len(pair.Xt), -1))
                domain = np.repeat([1, -2], [len(pair.Xs), len(pair.Xt)])
                started = time.process_time()
                fitted = getattr(skada, name)(classifier().set_fit_request(sample_weight=True)).fit(
                    X, y, sample_domain=domain
                )
                found = fitted.predict(pair.Xe, sample_domain=np.full(len(pair.Xe), -2))
                accuracy = 100 * float((found == pair.ye).mean())
                rows.append([f"skada {name}", pair.name, accuracy, time.process_time() - started, *own(ours, pair)])
    return ("peer", "pair", "accuracy", "cpu s", "headstart", "accuracy (ours)", "cpu s (ours)"), [
        [round(cell, 2) if isinstance(cell, float) else cell for cell in row] for row in rows
    ]


def own(name: str, pair: Pair) -> tuple[str, float, float]:
    started = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adapter = ADAPTERS[name](head=classifier()).fit(pair.Xs, pair.ys, pair.Xt)
    accuracy = 100 * float((adapter.predict(pair.Xe) == pair.ye).mean())
    return name, accuracy, time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: few pairs, nothing written")
    parser.add_argument("--peers", action="store_true", help="measure other libraries in the same run")
    chosen = parser.parse_args()
    seeds = 1 if chosen.quick else 6
    digits, images = [*usps_mnist(), *turned_digits(seeds)], [] if chosen.quick else list(office())
    tables = {"Digits (accuracy, %)": scored(digits, ("none", "coral") if chosen.quick else DENSE)}
    if images:
        tables["Office-Caltech10, MobileNetV2 features (accuracy, %)"] = scored(images, DENSE)
        tables["Amazon reviews (accuracy on the test files, %)"] = scored(list(amazon()), SPARSE)
        tables["How validators rank"] = validators_rank([*digits, *images], DENSE[:10])
    for shift in (True, False):
        name = "Label shift" if shift else "No shift"
        methods = ("none", "em_prior", "bbse", "rlls", "coral", "transport", "auto")
        tables[f"{name} (accuracy, %)"] = scored(list(other_shares(seeds, shift=shift)), methods)
    tables["Time"] = times((500,) if chosen.quick else (500, 2000, 5000))
    if chosen.peers:
        tables["Peers"] = peers(digits[:3])
    notes = [
        "one classifier for all: scikit-learn's LogisticRegression(C=1); no parameter was tuned per pair",
        "the voters of `auto` were chosen with these accuracies in view (USPS/MNIST, digits seed 0, Office-Caltech10)",
    ]
    report("adaptation", "Domain adaptation", tables, notes, quick=chosen.quick)


if __name__ == "__main__":
    main()
