"""The model card: what a model is for, was made from, can do and cannot (Mitchell et al., FAccT 2019)."""

from __future__ import annotations

import json
import re

from headstart.reports.amounts import count, counted, duration, known, noun_of, percent, points, size
from headstart.reports.comparison import chosen_entry, in_order, scored_by
from headstart.reports.names import clean, one_line
from headstart.reports.repeating import as_text
from headstart.results import Interval
from headstart.strategies.findings import Entry, Findings

MOST_CLASSES = 50
_PIPELINES = {
    "image": "image-classification", "text": "text-classification",
    "audio": "audio-classification", "vector": "tabular-classification",
}  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~>])")


def model_card(findings: Findings, *, license: str = "unknown") -> str:
    """Markdown with YAML front matter, as model hubs read it.

    `license` is that of the backbone's weights: what is built on them inherits it. Names from the data are escaped.
    """
    chosen = chosen_entry(findings)
    sections = [
        f"# {_plain(findings.title)}",
        _plain(findings.verdict),
        _model(findings, chosen, license),
        _use(findings),
        _data(findings),
        _results(findings),
        _mixture(findings),
        _certificate(findings),
        _limits(findings),
        _repeat(findings),
    ]
    return "\n\n".join([_front_matter(findings, chosen, license), *filter(None, sections)]) + "\n"


def _front_matter(findings: Findings, chosen: Entry | None, license: str) -> str:
    """YAML whose every text is a JSON string: valid in both, whatever a name holds."""
    task = _PIPELINES.get(findings.modality, "other")
    tags = ["headstart", "transfer-learning", task]
    lines = ["---", "library_name: headstart", f"license: {_quoted(license.lower())}", f"pipeline_tag: {task}", "tags:"]
    lines += [f"- {tag}" for tag in tags]
    lines += ["metrics:", "- accuracy"]
    if chosen is not None and known(chosen.held_out.value):
        lines += _model_index(findings, chosen.held_out.interval, task)
    return "\n".join([*lines, "---"])


def _model_index(findings: Findings, accuracy: Interval, task: str) -> list[str]:
    title = _quoted(findings.title)
    lines = ["model-index:", f"- name: {title}", "  results:", "  - task:", f"      type: {task}"]
    lines += ["    dataset:", f"      name: {title}", "      type: custom", "    metrics:"]
    metrics = {"accuracy": accuracy.value, "accuracy_low": accuracy.low, "accuracy_high": accuracy.high}
    for name, value in metrics.items():
        if known(value):
            kind = scored_by(findings) + ("" if name == "accuracy" else f", {_level(accuracy)} % interval {name[9:]}")
            lines += ["    - type: accuracy", f"      name: {_quoted(kind)}", f"      value: {value:.4f}"]
    return lines


def _model(findings: Findings, chosen: Entry | None, license: str) -> str:
    if chosen is None:
        return "## Model\n\nNo model was kept."
    facts = {
        "Model": chosen.name, "Kind": chosen.kind, "Backbone": chosen.backbone, "Layers": chosen.layer,
        "Head": chosen.head, "Size": size(chosen.bytes), "Source of knowledge": findings.source,
        "Licence, inherited from the backbone's weights": license, "Made": findings.created,
    }  # fmt: skip
    return "## Model\n\n" + "\n".join(f"- {name}: {_plain(value)}" for name, value in facts.items() if value)


def _use(findings: Findings) -> str:
    names = ", ".join(_plain(name) for name in findings.classes[:MOST_CLASSES])
    more = len(findings.classes) - MOST_CLASSES
    rest = f" and {count(more)} more" if more > 0 else ""
    classes = counted(len(findings.classes), "class", "classes")
    return (
        "## Intended use\n\n"
        f"To tell {classes} of {noun_of(findings.modality)}s apart: {names}{rest}. "
        "It is meant for samples that are taken the way the training samples were; anything else (other classes, "
        "another camera, another kind of text) will still be given one of these names."
    )


def _data(findings: Findings) -> str:
    facts = [
        f"{counted(findings.n_samples, 'sample')}, {count(findings.n_labelled)} labelled; learned from "
        f"{count(findings.n_train)}, tested on {count(findings.n_test)} ({_plain(findings.split)})",
        f"{counted(len(findings.rejects), 'sample')} left out as unusable, "
        f"{counted(len(findings.duplicates), 'group')} of duplicates",
    ]
    if findings.class_counts:
        low, high = min(findings.class_counts), max(findings.class_counts)
        facts.append(f"labelled samples per class: {count(low)} to {count(high)}")
    return "## Data\n\n" + "\n".join(f"- {fact}" for fact in facts)


def _results(findings: Findings) -> str:
    candidates, baselines = in_order(findings.entries)
    lines = [f"| model | {scored_by(findings)}, % | gain over scratch, points | time | size |", "|---|---|---|---|---|"]
    for entry in (*candidates, *baselines):
        name = f"**{_plain(entry.name)}** (chosen)" if entry.chosen else _plain(entry.name)
        cost = f"{duration(entry.seconds)} | {size(entry.bytes)}"
        lines.append(f"| {name} | {_accuracy(entry.held_out.interval)} | {_gain(entry.gain)} | {cost} |")
    levels = {_level(entry.held_out.interval) for entry in findings.entries}
    note = f"Brackets hold {' or '.join(sorted(levels))} % intervals." if levels else ""
    return "## Results\n\n" + "\n".join(lines) + f"\n\n{note}"


def _mixture(findings: Findings) -> str:
    """Which members answer together, with which weights."""
    if findings.mixing is None:
        return ""
    lines = ["| member | kind | weight | size |", "|---|---|---|---|"]
    lines += [
        f"| {_plain(each.name)} | {each.kind} | {each.weight:.2f} | {size(each.bytes)} |"
        for each in findings.mixing.shares
    ]
    return "## Mixture\n\n" + "\n".join(lines)


def _certificate(findings: Findings) -> str:
    """What is gained, and at how many labels that was measured."""
    if findings.certificate is None:
        return ""
    return f"## Transfer certificate\n\n{_plain(str(findings.certificate))}"


def _limits(findings: Findings) -> str:
    lines = ["- The accuracy holds for data like the held-out samples, within the interval; not beyond."]
    if findings.n_test == 0:
        lines.append("- No sample was held out: the numbers are from cross-validation on the training samples.")
    if findings.reliability and known(findings.reliability.error_after):
        error = percent(findings.reliability.error_after)
        lines.append(f"- Stated confidence is off by {error} points on average (expected calibration error).")
    lines += [f"- {_plain(note)}" for note in findings.notes]
    return "## Limits\n\n" + "\n".join(lines)


def _repeat(findings: Findings) -> str:
    text = clean(as_text(findings.repeat))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"## How to repeat it\n\n{fence}console\n{text}\n{fence}" if text else ""


def _accuracy(interval: Interval) -> str:
    return f"{percent(interval.value)} [{percent(interval.low)}, {percent(interval.high)}]"


def _gain(gain: Interval | None) -> str:
    return "–" if gain is None else f"{points(gain.value)} [{points(gain.low)}, {points(gain.high)}]"


def _level(interval: Interval) -> str:
    return percent(interval.level, 0)


def _quoted(text: str) -> str:
    return json.dumps(one_line(text), ensure_ascii=False)


def _plain(text: str) -> str:
    """A text on one line in which Markdown and HTML find nothing to act on."""
    return _MARKDOWN.sub(r"\\\1", one_line(text).replace("&", "&amp;").replace("<", "&lt;"))
