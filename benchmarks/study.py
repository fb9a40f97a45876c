"""How transferable each layer is: Yosinski's four networks on digits and on photos, and which of his signs show.

    python benchmarks/study.py [--quick]

Yosinski et al. (NeurIPS 2014) saw, on ImageNet split in two, with eight layers and 450,000 steps: the first layers are
general; frozen transfer falls with depth; it falls for two reasons, of which broken co-adaptation peaks in the middle;
letting all layers learn mends that; and transferred layers, fine-tuned, beat learning alone. Small networks on small
data need not show any of it, and each sign is printed with its interval, shown or not. Finished networks are kept in
the store: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from reporting import DATA, report
from sklearn.datasets import load_digits

import headstart as hs
from headstart.data.dataset import Dataset
from headstart.results import Interval
from headstart.stats.intervals import mean_interval
from headstart.strategies.transferability.findings import Study

MOBILENET = {"pad_type": "same", "bn_eps": 1e-3, "mean": 0.5, "std": 0.5, "input_size": 224, "crop_pct": 0.875}
PER_CLASS = 5
COLUMNS = ["cut after", "BnB", "BnB+", "AnB", "AnB+", "broken co-adaptation", "specialisation", "AnB+ over base"]
Row = list[object]


def digits() -> Dataset:
    """scikit-learn's digits (8 x 8): five of each to learn from, all others held out, so that networks err."""
    bunch = load_digits()
    pixels = (bunch.images * 15.9).astype(np.uint8)
    data = hs.read((pixels, [f"digit {label}" for label in bunch.target]), name="digits")
    order = np.random.default_rng(0).permutation(len(data))
    parts = np.full(len(data), "test", dtype="<U5")
    for code in range(data.task.n_classes):
        parts[[row for row in order if data.labels[row] == code][:PER_CLASS]] = "train"
    return replace(data, parts=tuple(parts.tolist()))


def photos() -> Dataset:
    """Office-Caltech10's amazon and caltech10 together (dslr and webcam show few objects many times: splits leak)."""
    first, second = (hs.read(DATA / "images" / "office_caltech10" / name) for name in ("amazon", "caltech10"))
    second = second.relabelled(first.task)
    return replace(
        first,
        items=(*first.items, *second.items),
        labels=np.concatenate([first.labels, second.labels]),
        ids=(*(f"amazon/{name}" for name in first.ids), *(f"caltech10/{name}" for name in second.ids)),
        domain=replace(first.domain, name="office-caltech10 (amazon, caltech10)"),
        rejects=(*first.rejects, *second.rejects),
    )


def curves(study: Study) -> list[Row]:
    rows: list[Row] = []
    for cut in study.cuts:
        levels = (cut.selffer, cut.selffer_tuned, cut.transfer, cut.transfer_tuned)
        losses = (cut.co_adaptation, cut.specialisation, cut.gain)
        rows.append([cut.layer, *(f"{one.value:.3f}" for one in levels), *map(str, losses)])
    return rows


def signs(study: Study) -> list[Row]:
    """Each of the paper's observations as one number, positive where it shows."""
    first, *middle, last = [cut.layer for cut in study.cuts]
    by_seed = {name: np.array(values) for name, values in study.accuracies.items()}
    base, between = by_seed["base"], middle or [first]

    def of(name: str, layer: str) -> np.ndarray:
        source, plus = name[0], "+" if name.endswith("+") else ""
        return by_seed[f"{source} {layer} B{plus}"]

    def lost(layer: str) -> np.ndarray:
        return of("BnB", layer) - of("AnB", layer)

    parted = np.mean([base - of("BnB", layer) for layer in between], axis=0)
    mended = np.mean([of("BnB+", layer) - of("BnB", layer) for layer in between], axis=0)
    claims = [
        (f"AnB falls with depth ({first} to {last})", of("AnB", first) - of("AnB", last)),
        (f"specialisation at the first cut ({first})", lost(first)),
        (f"specialisation at the last cut ({last})", lost(last)),
        (f"specialisation grows ({first} to {last})", lost(last) - lost(first)),
        (f"co-adaptation breaks in the middle ({', '.join(between)}: base - BnB)", parted),
        (f"learning along mends it ({', '.join(between)}: BnB+ - BnB)", mended),
        (f"a gain over learning alone (AnB+ - base, {last})", of("AnB+", last) - base),
        ("the same, mean of all cuts", np.mean([of("AnB+", cut.layer) for cut in study.cuts], axis=0) - base),
    ]
    return [
        [words, str(found := mean_interval(values.tolist())), shown(found), ", ".join(f"{one:+.3f}" for one in values)]
        for words, values in claims
    ]


def shown(found: Interval) -> str:
    if np.isnan(found.low):
        return "one seed: no interval"
    return "yes" if found.low > 0 else "the opposite" if found.high < 0 else "not shown"


def probe_rows(study: Study) -> list[Row]:
    best = max(study.probes, key=lambda probe: probe.accuracy.value)
    return [
        [probe.layer, probe.width, str(probe.accuracy), f"{probe.untrained.value:.3f}" if probe.untrained else "",
         "best" if probe is best else ""]
        for probe in study.probes
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, five steps, nothing written")
    quick = parser.parse_args().quick
    small = {"seeds": 1, "steps": 5} if quick else {}
    written = hs.study(digits(), **({"seeds": 5, "steps": 250} | small))
    seen = hs.study(photos(), **({"seeds": 5, "steps": 100, "views": 2} | small))
    checkpoint = DATA / "checkpoints" / "mobilenetv2_100.imagenet.safetensors"
    backbone = hs.open_backbone("timm/mobilenetv2_100", checkpoint=str(checkpoint), **MOBILENET)
    amazon = hs.read(DATA / "images" / "office_caltech10" / "amazon")
    probed = hs.study(amazon.take(np.arange(0, len(amazon), 40 if quick else 3)), backbone=backbone, probes_only=True)
    tables = {}
    for name, study in (("Digits", written), ("Photos", seen)):
        about = (
            f"{name}: {study.seeds} lots of classes, {study.n_train} rows to learn from and {study.n_test} held out, "
            f"{study.steps} steps, {study.views} views; base (B alone) {study.base}"
        )
        tables[about] = (COLUMNS, curves(study))
        tables[f"{name}: Yosinski's signs"] = (
            ["sign", "accuracy, mean over seeds [95 %, Student]", "shown", "by seed"],
            signs(study),
        )
        tables[f"{name}: probes of A's network (seed 0) on B"] = (
            ["layer", "columns", "leave-one-out accuracy", "random weights", ""], probe_rows(study))  # fmt: skip
    tables["A third of the amazon photos through MobileNetV2 (ImageNet) at 224 pixels, probes alone"] = (
        ["layer", "columns", "leave-one-out accuracy", "random weights", ""], probe_rows(probed))  # fmt: skip
    notes = [
        "positive is what the paper saw; “not shown”: the interval holds zero, which is no proof of nothing",
        "seeds deal out classes anew; on digits all seeds learn from the same rows, on photos the split differs too",
        *(
            f"{name}: {sentence}"
            for name, study in (("digits", written), ("photos", seen))
            for sentence in study.verdict
        ),
    ]
    report("study", "How transferable each layer is", tables, notes, quick=quick)


if __name__ == "__main__":
    main()
