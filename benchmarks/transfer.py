"""The main job on real data: accuracy against published checks, and wall time beside the scripts people write.

    python benchmarks/transfer.py [--quick] [--store FOLDER]

Held-out rows choose nothing: every choice is made by cross-validation on the training rows. Null baselines stand in
every table. With `--store`, features of earlier runs are used and nothing is timed: accuracies on a busy machine.
To reach: hymenoptera at least .94 on val/; mean of the twelve Office-Caltech10 pairs, source only, at least .91.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from reporting import DATA, report
from sklearn.linear_model import LogisticRegression
from transfer_peers import encoder_script, picture_script, setfit_accuracy, setfit_missing

import headstart as hs
from headstart.backbones.backbone import Backbone
from headstart.data.dataset import Dataset
from headstart.features.store import Store
from headstart.heads.selection import choose_head
from headstart.stats.intervals import accuracy_score_interval
from headstart.strategies.ground import Ground

MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
CHECKPOINT = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
PHOTOS = DATA / "images" / "hymenoptera"
MINILM = "sentence/all-MiniLM-L6-v2"
GLOVE = DATA / "words" / "glove.twitter.27B.25d.12k.txt"
HELD_OUT = 1000
Row = list[object]


def mobilenet() -> Backbone:
    return hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(CHECKPOINT), **MOBILENET)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def hymenoptera(store: Store) -> tuple[list[Row], list[Row]]:
    """train/ to val/: every entry of one transfer, the script that people write, and the seconds of both."""
    seconds, result = timed(lambda: hs.transfer(PHOTOS, backbones=[mobilenet()], store=store, quiet=True))
    rows: list[Row] = [
        [entry.name, entry.kind, "yes" if entry.chosen else "", str(entry.test), str(entry.gain or "")]
        for entry in result.findings.entries
    ]
    script_seconds, accuracy = timed(lambda: picture_script(PHOTOS, CHECKPOINT))
    rows.append(["timm + scikit-learn script", "peer", "", f"{accuracy:.3f}", ""])
    times: list[Row] = [["headstart, all of it: candidates, nulls, a network from scratch, report", seconds]]
    times.append(["timm + scikit-learn script: one backbone, one head, no baseline", script_seconds])
    return rows, times


def without_scratch() -> list[Row]:
    """The same without the network from scratch, which no script trains, in a store of its own; and once more."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        runs = [
            timed(lambda: hs.transfer(PHOTOS, backbones=[mobilenet()], scratch=False, store=store, quiet=True))[0]
            for _ in range(2)
        ]
    return [
        ["headstart --no-scratch: candidates, the other nulls, report", runs[0]],
        ["the same again: every feature is in the store", runs[1]],
    ]


def office(store: Store) -> list[Row]:
    """Source only: learn on one domain, predict another; the head is chosen on the source alone."""
    backbone = mobilenet()
    root = DATA / "images" / "office_caltech10"
    domains = {name: hs.preflight(hs.read(root / name)).dataset for name in ("amazon", "caltech10", "dslr", "webcam")}
    layer = backbone.layers[-1]
    X = {name: hs.extract(data, backbone, layers=[layer], store=store)[layer].X for name, data in domains.items()}
    rows: list[Row] = []
    accuracies, references = [], []
    for source, data in domains.items():
        ground = Ground(data, hs.split(data))
        chosen = choose_head(X[source][ground.train], ground.labels[ground.train], ground.local_folds)
        ours = chosen.head.fit(X[source], ground.labels)
        usual = LogisticRegression(max_iter=2000).fit(X[source], ground.labels)
        for target in (name for name in domains if name != source):
            truth = domains[target].relabelled(data.task).labels
            score = accuracy_score_interval((ours.predict(X[target]) == truth).astype(float))
            accuracies.append(score.value)
            references.append(usual.score(X[target], truth))
            rows.append([f"{source} > {target}", chosen.name, str(score), f"{references[-1]:.3f}"])
    rows.append(["mean of 12", "", f"{np.mean(accuracies):.3f}", f"{np.mean(references):.3f}"])
    return rows


def texts(store: Store, *, seeds: int, sizes: tuple[int, ...]) -> list[Row]:
    """Few labels, a thousand held out: MiniLM and GloVe beside tf-idf, which is learning from scratch, and peers."""
    rows: list[Row] = []
    for file, n in itertools.product(("movie_reviews", "trec_train"), sizes):
        data = hs.preflight(hs.read(DATA / "text" / f"{file}.csv", text="text", label="label")).dataset
        draws = [few_labels(data, n, seed) for seed in range(seeds)]
        for name, shown in ((MINILM, MINILM), (f"words/{GLOVE}", "words/glove.twitter.27B.25d")):
            backbone = hs.open_backbone(name)
            ran = [timed(lambda d=draw, b=backbone: one_transfer(d, b, store)) for draw in draws]
            best, scratch, gain, kept = zip(*(row for _, row in ran), strict=True)
            kinds = ", ".join(sorted(set(kept)))
            rows.append([file, n, shown, mean(best), mean(scratch), f"{np.mean(gain):+.3f}", kinds,
                         mean([seconds for seconds, _ in ran], 1)])  # fmt: skip
        ran = [timed(lambda d=draw: encoder_script(d)) for draw in draws]
        rows.append([file, n, "script: sentence-transformers + LogisticRegression", mean([a for _, a in ran]), "", "",
                     "", mean([seconds for seconds, _ in ran], 1)])  # fmt: skip
        if n <= 100 and not setfit_missing():
            seconds, accuracy = timed(lambda d=draws[0]: setfit_accuracy(d))
            rows.append([file, n, "SetFit (MiniLM, first draw only)", f"{accuracy:.3f}", "", "", "", f"{seconds:.1f}"])
    return rows


def one_transfer(data: Dataset, backbone: Backbone, store: Store) -> tuple[float, float, float, str]:
    """Held-out accuracy of the best frozen features (by the folds) and of scratch, the gain, the kind that was kept."""
    findings = hs.transfer(data, backbones=[backbone], store=store, quiet=True).findings
    best = next(entry for entry in findings.entries if entry.kind == "frozen features")
    assert best.gain is not None and findings.scratch is not None
    return best.held_out.value, findings.scratch.held_out.value, best.gain.value, findings.chosen.kind


def few_labels(data: Dataset, n: int, seed: int) -> Dataset:
    """`n` rows to learn from and `HELD_OUT` to test on, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(data))
    chosen = data.take(order[: n + HELD_OUT])
    return replace(chosen, parts=("train",) * n + ("test",) * (len(chosen) - n))


def mean(values: Any, digits: int = 3) -> str:
    return f"{np.mean(values):.{digits}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one draw, few labels, nothing written")
    parser.add_argument("--store", type=Path, help="use what an earlier run stored, and time nothing")
    given = parser.parse_args()
    seeds, sizes = (1, (100,)) if given.quick else (2, (100, 1000))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(given.store or Path(folder))
        table, times = hymenoptera(store)
        times += [] if given.store else without_scratch()
        pairs = office(store)
        few = texts(store, seeds=seeds, sizes=sizes)
    tables = {
        "Hymenoptera, train/ to val/ (153 photos), MobileNetV2 ImageNet checkpoint": (
            ["entry", "kind", "kept", "accuracy on val/", "gain over scratch"], table),
        "The same, wall seconds": (["what", "seconds"], [[what, f"{seconds:.1f}"] for what, seconds in times]),
        "Office-Caltech10, source only (no target label used)": (
            ["pair", "head chosen on the source", "accuracy", "scikit-learn LogisticRegression(C=1)"], pairs),
        f"Texts, few labels, {HELD_OUT:,} held out, mean of {seeds} draws": (
            ["data", "labels", "backbone or peer", "accuracy", "from scratch (tf-idf)", "gain", "kept by the rule",
             "seconds"], few),
    }  # fmt: skip
    notes = [
        "The kept entry is the cheapest within one standard error of the best by the folds of the training rows, "
        "unless a null baseline is better; accuracies are of held-out rows, brackets are 95 % intervals.",
        "Texts: features of rows that an earlier draw had are in the store already; the scripts encode each time. "
        "headstart's seconds include a random-weight twin, raw input, tf-idf and the report; the scripts' do not.",
        setfit_missing()
        or "SetFit: one epoch of 5 positive and 5 negative pairs a text (its default is 20), then its logistic head.",
        "AutoGluon was left out: it brings some fifty packages of its own versions.",
    ]
    if given.store:
        tables.pop("The same, wall seconds")
        notes.append("Run with features of an earlier run on a busy machine: the column of seconds says nothing.")
    report("transfer", "From a folder or a table to a proven model", tables, notes, quick=given.quick)


if __name__ == "__main__":
    main()
