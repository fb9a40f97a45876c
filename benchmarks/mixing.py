"""Does it help to let strategies answer together? Held-out accuracy with and without mixing, on the same rows.

    python benchmarks/mixing.py [--quick] [--cells FILE] [--store FOLDER] [--only texts|vectors|nothing]

Every cell is one draw of few labels: candidates and nulls are scored on folds as in `transfer`, one entry is kept, and
a mixture replaces it where the rule says so. Beside it: a mixture that is always taken, and one with equal weights.
Cells are appended to FILE as they are made; a run that was stopped goes on. The rule's one number (one standard error)
was set on other draws of movie reviews, TREC, books and SMS; held-out rows choose nothing. Nothing is timed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from regret_tasks import digits, small_digits
from reporting import DATA, report

import headstart as hs
from headstart.data.dataset import Dataset
from headstart.features.store import Store
from headstart.stats.intervals import mean_interval
from headstart.strategies import nulls
from headstart.strategies.choosing import choose
from headstart.strategies.feature_extraction import evaluate_backbone
from headstart.strategies.fine_tuning import fine_tuned
from headstart.strategies.ground import Evaluated, Ground, correctness
from headstart.strategies.mixture import leaders, mixture_of, weigh
from headstart.strategies.source_network import source_network

BACKBONES = {
    "MiniLM": "sentence/all-MiniLM-L6-v2",
    "GloVe 25d": f"words/{DATA / 'words/glove.twitter.27B.25d.12k.txt'}",
}
TEXTS = ("movie_reviews", "trec_train", "amazon_dvd", "amazon_kitchen")
VECTORS = {"usps": ("usps", "mnist"), "mnist": ("mnist", "usps"), "digits 8x8": ("", "mnist")}
POOL, HELD_OUT = 2000, 1000  # rows that all draws of a data set come from; rows held out at most
Record = dict[str, Any]


def drawn(data: Dataset, n: int, draw: int) -> Ground:
    """`n` rows to learn from, others held out; draws of one data set overlap."""
    pool = np.random.default_rng(0).permutation(len(data))[:POOL]
    order = np.random.default_rng(100 + draw).permutation(pool)[: n + HELD_OUT]
    chosen = replace(data.take(order), parts=("train",) * n + ("test",) * (len(order) - n))
    return Ground(chosen, hs.split(chosen))


def text_cells(wanted: Wanted, store: Store) -> Iterator[Record]:
    for file in TEXTS:
        data: Dataset | None = None
        for n, draw in wanted.draws:
            missing = [name for name in BACKBONES if wanted.lacks(file, name, n, draw)]
            if not missing:
                continue
            if data is None:
                read = hs.read(DATA / "text" / f"{file}.csv", text="text", label="label")
                data = hs.preflight(read, known=store.memo("preflight")).dataset
            ground = drawn(data, n, draw)
            alone = [nulls.raw_input(ground, store=store), nulls.from_scratch(ground)]
            for name in missing:
                frozen = evaluate_backbone(ground, hs.open_backbone(BACKBONES[name]), store=store)
                yield judged(file, name, n, draw, ground, [*frozen, *alone])


def vector_cells(wanted: Wanted, store: Store) -> Iterator[Record]:
    for name, (own, other) in VECTORS.items():
        data = hs.preflight(digits(own) if own else small_digits()).dataset
        source = hs.preflight(digits(other, side=16 if own else 8)).dataset
        network = source_network(source, root=store.folder("networks"))
        for n, draw in wanted.draws:
            if n > 300 or not wanted.lacks(name, "source network", n, draw):
                continue
            ground = drawn(data, n, draw)
            entries = [
                *evaluate_backbone(ground, network.backbone, store=store), fine_tuned(ground, network),
                nulls.source_only(ground, network), nulls.raw_input(ground, store=store), nulls.from_scratch(ground),
            ]  # fmt: skip
            yield judged(name, "source network", n, draw, ground, [entry for entry in entries if entry])


class Wanted:
    """Draws (labels, number) to make, and the cells that an earlier run has made."""

    def __init__(self, sizes: tuple[int, ...], draws: range, file: Path | None) -> None:
        self.draws = list(itertools.product(sizes, draws))
        self.file = file
        lines = file.read_text().splitlines() if file is not None and file.exists() else []
        self.records: list[Record] = [json.loads(line) for line in lines if line.strip()]

    def lacks(self, data: str, source: str, n: int, draw: int) -> bool:
        known = {(r["data"], r["source"], r["n"], r["draw"]) for r in self.records}
        return (data, source, n, draw) not in known

    def add(self, record: Record) -> None:
        self.records.append(record)
        print(record["data"], record["source"], record["n"], record["draw"], record["name"], flush=True)
        if self.file is not None:
            with self.file.open("a") as file:
                file.write(json.dumps(record) + "\n")


def judged(data: str, source: str, n: int, draw: int, ground: Ground, entries: list[Evaluated]) -> Record:
    """On held-out rows: the kept entry, the mixture by the rule, one that is always taken, one with equal weights."""
    kept = choose(entries)
    by_rule = mixture_of(kept, entries, ground)
    members = leaders(kept, entries)
    labels = ground.labels[ground.train]
    always = weigh([each.validation for each in members], labels).mixed([each.test for each in members])
    equal = np.mean([each.test for each in members], axis=0)
    return {
        "data": data, "source": source, "n": n, "draw": draw, "kept": kept.kind, "taken": by_rule is not None,
        "name": by_rule.name if by_rule else kept.name, "bytes": [kept.bytes, by_rule.bytes if by_rule else kept.bytes],
        "accuracy": [accuracy(proba, ground) for proba in (kept.test, (by_rule or kept).test, always, equal)],
        "loss": [loss(proba, ground) for proba in (kept.test, (by_rule or kept).test)],
    }  # fmt: skip


def accuracy(proba: Any, ground: Ground) -> float:
    return float(correctness(proba, ground.labels[ground.test]).mean())


def loss(proba: Any, ground: Ground) -> float:
    labels = ground.labels[ground.test]
    return float(-np.log(np.maximum(proba[np.arange(len(labels)), labels], 1e-12)).mean())


def table(records: list[Record]) -> list[list[object]]:
    groups: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
    for record in records:
        groups[record["data"], record["source"], record["n"]].append(record)
    return [[*key, *summary(group)] for key, group in sorted(groups.items())]


def summary(group: list[Record]) -> list[object]:
    accuracies = np.array([record["accuracy"] for record in group])
    losses = np.array([record["loss"] for record in group])
    change = 100 * (accuracies[:, 1] - accuracies[:, 0])
    return [
        f"{sum(record['taken'] for record in group)} of {len(group)}", f"{accuracies[:, 0].mean():.3f}",
        *(f"{each:+.1f}" for each in 100 * (accuracies[:, 1:] - accuracies[:, :1]).mean(axis=0)),
        f"{change.min():+.1f}", f"{(losses[:, 1] - losses[:, 0]).mean():+.3f}",
        ", ".join(f"{each / 1e6:.1f}" for each in np.mean([record["bytes"] for record in group], axis=0)),
    ]  # fmt: skip


def whole(records: list[Record]) -> list[list[object]]:
    """Over all draws, and over those where the rule took the mixture: mean change, interval, the worst."""
    rows: list[list[object]] = []
    taken = [record for record in records if record["taken"]]
    for what, group in (("all draws", records), ("where a mixture was taken", taken)):
        for name, at in (("by the rule", 1), ("always mixed", 2), ("equal weights", 3)):
            change = [100 * (record["accuracy"][at] - record["accuracy"][0]) for record in group]
            if change:
                mean = mean_interval(change)
                shown = f"{mean.value:+.2f} [{mean.low:+.2f}, {mean.high:+.2f}]"
                hurt = f"{sum(each < 0 for each in change)} of {len(change)}"
                rows.append([what, name, shown, f"{min(change):+.1f}", hurt])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one draw of 100 labels, nothing written")
    parser.add_argument("--cells", type=Path, help="append cells here, and use those that are there")
    parser.add_argument("--store", type=Path, help="use features that an earlier run stored")
    parser.add_argument("--only", choices=("texts", "vectors", "nothing"), help="make these cells alone; tables of all")
    given = parser.parse_args()
    sizes, draws = ((100,), range(2, 3)) if given.quick else ((100, 300, 1000), range(2, 5))
    wanted = Wanted(sizes, draws, given.cells)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(given.store or Path(folder))
        for make in (text_cells, vector_cells):
            for record in make(wanted, store) if given.only in (None, make.__name__.split("_")[0] + "s") else ():
                wanted.add(record)
    records = wanted.records
    columns = ["data", "what could be transferred", "labels", "mixed", "accuracy of what is kept", "by the rule",
               "always mixed", "equal weights", "worst draw by the rule", "log loss by the rule",
               "MB alone, by the rule"]  # fmt: skip
    every = len(wanted.draws) * len(TEXTS) * len(BACKBONES) + sum(n <= 300 for n, _ in wanted.draws) * len(VECTORS)
    tables = {
        "Points of held-out accuracy that mixing adds": (
            ["draws", "mixture", "mean", "worst", "hurts"],
            whole(records),
        ),
        "The same by data and labels": (columns, table(records)),
    }
    notes = [
        f"{len(records)} of the {every} draws that a whole run makes, up to {HELD_OUT:,} rows held out; brackets: "
        f"Student's 95 % interval over draws. Draws of one data set come from {POOL:,} rows and overlap, so that "
        "the brackets are somewhat narrow.",
        "By the rule: the mixture is taken where its log loss on the folds, under weights from the other folds, is "
        "more than one standard error below that of its best member, no fewer rows are right, and the guard finds no "
        "entry ahead of it. Always mixed: the same weights without the question. Equal weights: the mean of the "
        "leaders.",
        "Texts: the frozen network beside tf-idf and word counts. Vectors: a network taught on other digits, frozen, "
        "fine-tuned and as it is, beside the raw input and a network from scratch.",
    ]
    quick = given.quick or given.only in ("texts", "vectors")
    report("mixing", "Do strategies that answer together do better?", tables, notes, quick=quick)


if __name__ == "__main__":
    main()
