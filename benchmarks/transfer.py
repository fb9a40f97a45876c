"""The main job on real data: accuracy against published checks, and wall time beside the scripts people write.

    python benchmarks/transfer.py [--quick]

Held-out rows choose nothing: every choice is made by cross-validation on the training rows. Null baselines stand in
every table.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from reporting import report
from sklearn.linear_model import LogisticRegression

import headstart as hs
from headstart.data.dataset import Dataset
from headstart.features.store import Store
from headstart.heads.selection import choose_head
from headstart.stats.intervals import accuracy_score_interval
from headstart.strategies.ground import Ground

DATA = Path(os.environ.get("HEADSTART_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
HELD_OUT = 1000
Row = list[object]


def checkpoint(name: str) -> object:
    file = DATA / "checkpoints" / f"{name}.safetensors"
    return hs.open_backbone(f"timm/{name.partition('.')[0]}", checkpoint=str(file), **MOBILENET)


def hymenoptera(store: Store) -> tuple[list[Row], list[Row]]:
    """train/ to val/, once with headstart and once with the script that people write; then headstart again."""
    times = []
    for again in ("first run", "second run"):
        started = time.perf_counter()
        backbone = checkpoint("mobilenetv2_100.imagenet")
        result = hs.transfer(DATA / "images" / "hymenoptera", backbones=[backbone], store=store, quiet=True)
        times.append([f"headstart transfer, {again} (all candidates, nulls, report)", time.perf_counter() - started])
    rows = [
        [entry.name, entry.kind, "yes" if entry.chosen else "", str(entry.test), str(entry.gain or "")]
        for entry in result.findings.entries
    ]
    started = time.perf_counter()
    accuracy = script(DATA / "images" / "hymenoptera")
    times.append(["timm + scikit-learn script (one backbone, one head, no baseline)", time.perf_counter() - started])
    rows.append(["timm + scikit-learn script", "peer", "", f"{accuracy:.3f}", ""])
    return rows, times


def script(folder: Path) -> float:
    """The usual twenty lines: eager timm model, batches of 32, logistic regression on the pooled features."""
    import timm
    from PIL import Image
    from safetensors.torch import load_file

    state = load_file(DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors")
    model = timm.create_model("mobilenetv2_100", pad_type="same", bn_eps=1e-3, num_classes=1000)
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    model.reset_classifier(0)
    model.eval()
    transform = timm.data.create_transform(
        (3, 224, 224), mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=0.875, interpolation="bilinear"
    )

    def features(part: str) -> tuple[np.ndarray, np.ndarray]:
        files = sorted((folder / part).glob("*/*.jpg"))
        labels = np.array([file.parent.name for file in files])
        with torch.inference_mode():
            X = [
                model(torch.stack([transform(Image.open(file).convert("RGB")) for file in batch])).numpy()
                for batch in (files[start : start + 32] for start in range(0, len(files), 32))
            ]
        return np.concatenate(X), labels

    X, y = features("train")
    return float(LogisticRegression(max_iter=1000).fit(X, y).score(*features("val")))


def office(store: Store) -> list[Row]:
    """Source only: learn on one domain, predict another; the head is chosen on the source alone."""
    backbone = checkpoint("mobilenetv2_100.imagenet")
    root = DATA / "images" / "office_caltech10"
    domains = {name: hs.preflight(hs.read(root / name)).dataset for name in ("amazon", "caltech10", "dslr", "webcam")}
    layer = backbone.layers[-1]
    X = {name: hs.extract(data, backbone, layers=[layer], store=store)[layer].X for name, data in domains.items()}
    rows, accuracies, references = [], [], []
    for source, target in itertools.permutations(domains, 2):
        ground = Ground(domains[source], hs.split(domains[source]))
        labels, truth = ground.labels, domains[target].relabelled(domains[source].task).labels
        chosen = choose_head(X[source][ground.train], labels[ground.train], ground.local_folds)
        predicted = chosen.head.fit(X[source], labels).predict(X[target])
        reference = LogisticRegression(max_iter=2000).fit(X[source], labels).score(X[target], truth)
        score = accuracy_score_interval((predicted == truth).astype(float))
        rows.append([f"{source} > {target}", chosen.name, str(score), f"{reference:.3f}"])
        accuracies.append(score.value)
        references.append(reference)
    rows.append(["mean of 12", "", f"{np.mean(accuracies):.3f}", f"{np.mean(references):.3f}"])
    return rows


def texts(store: Store, *, seeds: int) -> list[Row]:
    """Few labels, a thousand held out: MiniLM, GloVe and tf-idf (which is learning from scratch)."""
    rows = []
    glove = f"words/{DATA / 'words' / 'glove.twitter.27B.25d.12k.txt'}"
    for file, n in itertools.product(("movie_reviews.csv", "trec_train.csv"), (100, 1000)):
        data = hs.preflight(hs.read(DATA / "text" / file, text="text", label="label")).dataset
        for name in ("sentence/all-MiniLM-L6-v2", glove):
            scores, gains, kept = [], [], []
            for seed in range(seeds):
                result = hs.transfer(few_labels(data, n, seed), backbones=[name], store=store, quiet=True)
                best = next(entry for entry in result.findings.entries if entry.kind == "frozen features")
                scores.append(best.held_out.value)
                gains.append(best.gain.value)
                kept.append(result.findings.chosen.kind)
            scratch = [s - g for s, g in zip(scores, gains, strict=True)]
            name = name if "glove" not in name else "words/glove.twitter.27B.25d"
            rows.append([file.removesuffix(".csv"), n, name, f"{np.mean(scores):.3f}", f"{np.mean(scratch):.3f}",
                         f"{np.mean(gains):+.3f}", ", ".join(sorted(set(kept)))])  # fmt: skip
    return rows


def few_labels(data: Dataset, n: int, seed: int) -> Dataset:
    """`n` rows to learn from and `HELD_OUT` to test on, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(data))
    chosen = data.take(order[: n + HELD_OUT])
    return replace(chosen, parts=("train",) * n + ("test",) * (len(chosen) - n))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, small figures, nothing written")
    quick = parser.parse_args().quick
    seeds = 1 if quick else 3
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        table, times = hymenoptera(store)
        pairs = office(store)
        few = texts(store, seeds=seeds)
    tables = {
        "Hymenoptera, train/ to val/ (153 photos), MobileNetV2 ImageNet checkpoint": (
            ["entry", "kind", "kept", "accuracy on val/", "gain over scratch"], table),
        "The same, wall seconds": (["what", "seconds"], [[what, f"{seconds:.1f}"] for what, seconds in times]),
        "Office-Caltech10, source only (no target label used)": (
            ["pair", "head chosen on the source", "accuracy", "scikit-learn LogisticRegression(C=1)"], pairs),
        f"Texts, few labels, {HELD_OUT:,} held out, mean of {seeds} draws": (
            ["data", "labels", "backbone", "accuracy", "from scratch (tf-idf)", "gain", "kept by the rule"], few),
    }  # fmt: skip
    report("transfer", "From a folder or a table to a proven model", tables, notes=[], quick=quick)


if __name__ == "__main__":
    main()
