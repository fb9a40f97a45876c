"""Tables of the adaptation benchmark from its figures: floors, methods, `auto`, peers, validators, time, memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from adaptation_pairs import TITLES
from adaptation_published import published
from reporting import Table
from scipy.stats import rankdata, spearmanr

from headstart.adaptation.auto import VOTERS

# (set, method, pairs by the start of their name, floor in percent, what it is)
FLOORS = (
    ("digits", "transport", "MNIST>USPS", 70.0, "MNIST to USPS by entropic transport"),
    ("digits", "transport", "USPS>MNIST", 52.0, "USPS to MNIST by entropic transport"),
    ("digits", "class_transport", "turned", 58.0, "digits turned (cubic splines) by class-regularised transport"),
    ("digits", "class_transport", "bilinear", 58.0, "digits turned (bilinear) by class-regularised transport"),
    ("digits", "tca", "turned", 50.0, "digits turned (cubic splines) by TCA"),
    ("digits", "tca", "bilinear", 50.0, "digits turned (bilinear) by TCA"),
    ("amazon", "coral", "B>E", 78.0, "books to electronics by CORAL"),
    ("amazon", "msda", "K>B", 75.5, "kitchen to books by mSDA"),
)

PAIRS = {"digits": 8, "office": 12, "amazon": 12, "sentences": 20, "label shift": 6, "no shift": 6}


def tables(figures: Mapping[str, Any]) -> dict[str, Table]:
    """Whatever has been measured so far."""
    accuracy, found = figures.get("accuracy", {}), {}
    if accuracy:
        found["Floors"] = floors(accuracy)
        if any("auto" in methods for methods in accuracy.values()):
            found["`auto` beside every fixed method, all pairs"] = chosen(accuracy)
        for name, methods in accuracy.items():
            found[f"{TITLES[name]} (accuracy, %)"] = by_pair(methods)
    if figures.get("own"):
        found["With the heads that `headstart adapt` puts on top (accuracy, %)"] = own_heads(figures["own"])
    if figures.get("peers"):
        found["Beside the peers (points of accuracy, paired over the pairs both were measured on)"] = beside(figures)
    found |= published(figures)
    if figures.get("validators"):
        judged = sum(len(pairs) for pairs in figures["validators"].values())
        found[f"How validators rank the methods ({judged} of 20 pairs)"] = validators(figures["validators"])
    if figures.get("spaces"):
        columns = ("method", "pair", "accuracy, %", "chance, %", "cpu s")
        found["Other columns on each side"] = (
            columns,
            [
                [method, case, *(f"{each:.1f}" for each in value)]
                for method, cases in figures["spaces"].items()
                for case, value in cases.items()
            ],
        )
    if figures.get("time"):
        found["Time of the method alone, 64 columns (processor seconds)"] = times(figures["time"])
    if figures.get("widths"):
        found["Time of the method alone, 2,000 rows per side, more columns (processor seconds)"] = widths(
            figures["widths"]
        )
    if figures.get("large"):
        columns = ("case", "wall s", "peak GiB", "limit", "note")
        found["Large"] = columns, [[each[column] for column in columns] for each in figures["large"].values()]
    if figures.get("measured"):
        found["Measured"] = (
            ("part", "when and where"),
            [[part, where.split("  \n")[0]] for part, where in figures["measured"].items()],
        )
    return {title: table for title, table in found.items() if table[1]}


def unmeasured(figures: Mapping[str, Any]) -> list[str]:
    """What the tables lack so far, for the notes."""
    accuracy = figures.get("accuracy", {})
    few = [name for name in TITLES if len(accuracy.get(name, {}).get("auto", {})) < PAIRS[name]]
    parts = [
        part
        for part in ("peers", "validators", "nearest neighbour", "spaces", "time", "widths", "large")
        if part not in figures
    ]
    found = [f"`auto` was not yet measured on all pairs of: {', '.join(few)}"] if few else []
    return found + ([f"parts not yet measured: {', '.join(parts)}"] if parts else [])


def floors(accuracy: Mapping[str, Any]) -> Table:
    rows = []
    for name, method, start, floor, words in FLOORS:
        pairs = accuracy.get(name, {}).get(method, {})
        values = [value[0] for pair, value in pairs.items() if pair.startswith(start)]
        if values:
            mean = float(np.mean(values))
            rows.append([words, floor, round(mean, 1), "met" if mean >= floor else "missed"])
    shift = accuracy.get("label shift", {})
    if "em_prior" in shift and "none" in shift:
        gain = np.mean([shift["em_prior"][pair][0] - shift["none"][pair][0] for pair in shift["none"]])
        rows.append(
            ["label shift by EM, points over none", 4.0, round(float(gain), 1), "met" if gain >= 4 else "missed"]
        )
    return ("figure", "floor", "found", ""), rows


def chosen(accuracy: Mapping[str, Any]) -> Table:
    """Mean over all pairs of all sets: a method that a set does not allow counts as `none` there."""
    pairs = [(name, pair) for name, methods in accuracy.items() for pair in methods.get("auto", {})]
    names = sorted({method for methods in accuracy.values() for method in methods})
    rows = []
    for method in names:
        found, base, ran = [], [], 0
        for name, pair in pairs:
            none = accuracy[name]["none"][pair][0]
            here = accuracy[name].get(method, {}).get(pair)
            ran += here is not None
            found.append(none if here is None else here[0])
            base.append(none)
        loss = np.array(found) - np.array(base)
        rows.append([method, ran, float(np.mean(found)), float(loss.mean()), float(loss.min()), int((loss < -1).sum())])
    rows.sort(key=lambda row: -row[2])
    columns = ("method", "pairs it ran on", "mean", "gain over none", "worst pair", "pairs worse by more than 1")
    return columns, [[cell if isinstance(cell, str | int) else f"{cell:.2f}" for cell in row] for row in rows]


def own_heads(sets: Mapping[str, Any]) -> Table:
    """Per set: unadapted, what methods make of either head on the rows they moved, and `auto`."""
    rows = []
    for name, pairs in sets.items():
        found = {word: np.array([pair[word] for pair in pairs.values()]) for word in next(iter(pairs.values()))}
        loss = found["auto"] - found["none"]
        both = [f"{found[f'{method}, fits best'].mean():.1f} / {found[method].mean():.1f}" if method in found else ""
                for method in ("coral", "transport")]  # fmt: skip
        rows.append([TITLES[name], len(pairs), f"{found['none'].mean():.1f}", *both, f"{found['auto'].mean():.1f}",
                     f"{loss.min():+.1f}", int((loss < -1).sum())])  # fmt: skip
    head = "penalty that fits best / that travels"
    columns = ("set", "pairs", "none", f"coral, {head}", f"transport, {head}", "auto", "worst pair of auto",
               "worse by more than 1")  # fmt: skip
    return columns, rows


def by_pair(methods: Mapping[str, Any]) -> Table:
    pairs = [pair for pair in methods["none"] if pair in methods.get("auto", methods["none"])]
    rows = []
    for method, found in methods.items():
        if not set(found) & set(pairs):
            continue
        values = [found.get(pair, (float("nan"),))[0] for pair in pairs]
        losses = np.array(values) - np.array([methods["none"][pair][0] for pair in pairs])
        seconds = float(np.mean([each[1] for each in found.values()]))
        rows.append([method, *(f"{value:.1f}" for value in values), f"{np.nanmean(values):.2f}",
                     f"{np.nanmin(losses):+.1f}", f"{seconds:.2f}"])  # fmt: skip
    rows.sort(key=lambda row: -float(row[-3]))
    picks = [methods["auto"].get(pair, ("", "", ""))[2] for pair in pairs] if "auto" in methods else []
    if picks:
        rows.append(["(auto chose)", *picks, "", "", ""])
    return ("method", *pairs, "mean", "worst loss", "cpu s"), rows


def beside(figures: Mapping[str, Any]) -> Table:
    rows = []
    for name, peers in figures["peers"].items():
        for who, found in peers.items():
            ours = next(iter(found.values()))[3]
            mine = figures["accuracy"].get(name, {}).get(ours, {})
            both = [pair for pair in found if pair in mine and found[pair][0] == found[pair][0]]
            if not both:
                said = next(iter(found.values()))[2]
                rows.append([name, ours, who, 0, "", "", "", f"fails: {said}"])
                continue
            gain = np.array([mine[pair][0] - found[pair][0] for pair in both])
            error = 1.96 * float(gain.std(ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else float("nan")
            mean = float(gain.mean())
            verdict = "ahead" if mean > 0.3 else "level" if mean >= -0.3 else "behind"
            means = [float(np.mean([side[pair][0] for pair in both])) for side in (mine, found)]
            rows.append([name, ours, who, len(both), f"{means[0]:.1f}", f"{means[1]:.1f}",
                         f"{mean:+.1f} ± {error:.1f}", verdict])  # fmt: skip
    return ("set", "method", "peer", "pairs", "headstart", "peer's", "difference", ""), rows


def validators(sets: Mapping[str, Any]) -> Table:
    """Spearman's correlation over methods, averaged over pairs; what picking by it would gain over `none`."""
    pairs = [pair for found in sets.values() for pair in found.values()]
    voters = [name for name in next(iter(pairs[0].values())) if name != "accuracy"]
    columns = {voter: [np.array([m[voter] for m in pair.values()]) for pair in pairs] for voter in voters}
    columns["ensemble: " + ", ".join(VOTERS)] = [
        np.mean([rankdata([m[voter] for m in pair.values()]) for voter in VOTERS], axis=0) for pair in pairs
    ]
    rows = []
    for voter, scores in columns.items():
        truths = [np.array([m["accuracy"] for m in pair.values()]) for pair in pairs]
        rank = [spearmanr(s, t)[0] if np.ptp(s) else 0.0 for s, t in zip(scores, truths, strict=True)]
        nothing = [100 * pair["none"]["accuracy"] for pair in pairs]
        picked = [100 * t[int(np.argmax(s))] - n for s, t, n in zip(scores, truths, nothing, strict=True)]
        rows.append([voter, f"{np.mean(rank):.2f}", f"{np.mean(picked):+.1f}", f"{min(picked):+.1f}"])
    rows.sort(key=lambda row: -float(row[1]))
    return ("validator", "Spearman", "mean gain of its pick", "worst"), rows


def times(found: Mapping[str, Any]) -> Table:
    rows = []
    for method, whos in found.items():
        own = whos.get("headstart", {})
        for who, sizes in whos.items():
            small, large = sizes.get("500"), sizes.get("2000")
            slope = np.log(large / small) / np.log(4) if small and large else float("nan")
            ratio = large / own["2000"] if large and own.get("2000") and who != "headstart" else None
            rows.append([method, who, *("" if t is None else f"{t:.3f}" for t in (small, large)), f"{slope:.2f}",
                         "" if ratio is None else f"{ratio:.1f}×"])  # fmt: skip
    return ("method", "who", "500 rows per side", "2,000", "slope", "headstart is faster by"), rows


def widths(found: Mapping[str, Any]) -> Table:
    """The slope is that between the two largest widths."""
    columns = sorted({int(d) for whos in found.values() for sizes in whos.values() for d in sizes})
    rows = []
    for method, whos in found.items():
        own = whos.get("headstart", {})
        for who, sizes in whos.items():
            took = [sizes.get(str(d)) for d in columns]
            known = [(d, t) for d, t in zip(columns, took, strict=True) if t]
            (d, t), (more, longer) = known[-2:] if len(known) > 1 else [known[0], known[0]]
            slope = np.log(longer / t) / np.log(more / d) if more > d else float("nan")
            faster = [t / own[str(d)] if t and own.get(str(d)) and who != "headstart" else None
                      for d, t in zip(columns, took, strict=True)]  # fmt: skip
            rows.append([method, who, *("" if t is None else f"{t:.3f}" for t in took), f"{slope:.2f}",
                         *("" if ratio is None else f"{ratio:.1f}×" for ratio in faster)])  # fmt: skip
    return ("method", "who", *(f"{d:,} columns" for d in columns), "slope",
            *(f"faster at {d:,}" for d in columns)), rows  # fmt: skip
