"""An adaptation as one self-contained HTML page: the verdict, both domains before and after, the classes, the votes."""

from __future__ import annotations

from typing import Any

from headstart.adaptation.auto import Trial
from headstart.adaptation.findings import AdaptationFindings
from headstart.diagnosis.findings import Picture
from headstart.reports.amounts import percent, points
from headstart.reports.charts.domains import domains_chart
from headstart.reports.page import environment

# What each validator looks at, for people who do not know its name.
VALIDATORS = {
    "entropy": "how sure the answers are",
    "information": "how sure the answers are, and how evenly they spread over the classes",
    "density": "whether answers come in tight clusters",
    "correlation": "whether the classes are told apart",
    "weighted": "the source's held-out error, weighted as the target would have drawn its rows",
    "dev": "the same, with less variance",
    "mixed": "whether mixtures of two rows are answered like the row that has more of them",
    "circular": "how much of the source comes back after going there and back",
    "labels": "accuracy on labelled target rows left out",
}
MOST_CLASSES = 60


def render(found: AdaptationFindings) -> str:
    """The page as text; nothing from the data reaches it unescaped."""
    voters = list(next((trial.votes for trial in found.trials if trial.votes), {}))
    return (
        environment()
        .get_template("adaptation.html")
        .render(
            found=found,
            outcome=outcome(found),
            gain=None if found.gain is None else _gain(found),
            pictures=[
                (title, words, domains_chart(picture, (found.source, found.target)))
                for title, words, picture in _pictures(found)
            ],
            rows=_classes(found),
            hidden=max(0, len(found.classes) - MOST_CLASSES),
            measured=any(each.rows for each in found.classes),
            voters=[(voter, VALIDATORS.get(voter, "")) for voter in voters],
            trials=_trials(found),
            rehearsed=any(trial.rehearsal for trial in found.trials),
        )
    )


def outcome(found: AdaptationFindings) -> tuple[str, str]:
    """The verdict as (style, words): colour is never the only sign."""
    if found.method == "none":
        return "plain", "nothing adapted"
    if found.gain is None:
        return "plain", "not measured"
    if found.gain.low > 0:
        return "good", "adapting helps"
    if found.gain.high < 0:
        return "bad", "negative transfer"
    return "caution", "no clear difference"


def _gain(found: AdaptationFindings) -> dict[str, str]:
    assert found.gain is not None
    return {
        "value": points(found.gain.value), "range": f"[{points(found.gain.low)}, {points(found.gain.high)}]",
        "adapted": percent(found.accuracy), "unadapted": percent(found.unadapted),
    }  # fmt: skip


def _pictures(found: AdaptationFindings) -> list[tuple[str, str, Picture]]:
    shown = []
    if found.before:
        shown.append(("before", "As they come: the first two components that both share.", found.before))
    if found.after:
        shown.append(("after", f"As the adapted classifier sees them ({found.method}).", found.after))
    return shown


def _classes(found: AdaptationFindings) -> list[dict[str, Any]]:
    """The classes that lose most first, where anything was measured; else those whose share changes most."""
    ordered = sorted(
        found.classes,
        key=lambda each: each.gain if each.gain is not None else 1 - abs(each.adapted_share - each.unadapted_share),
    )
    return [
        {
            "name": each.name,
            "shares": [percent(share) for share in (each.source_share, each.unadapted_share, each.adapted_share)],
            "rows": each.rows,
            "unadapted": "–" if each.unadapted is None else percent(each.unadapted),
            "adapted": "–" if each.adapted is None else percent(each.adapted),
            "gain": "–" if each.gain is None else points(each.gain),
            "style": "" if not each.gain else "good" if each.gain > 0 else "bad",
        }
        for each in ordered[:MOST_CLASSES]
    ]


def _trials(found: AdaptationFindings) -> list[dict[str, Any]]:
    """Best first; beside each vote whether it is above that for "none"."""
    nothing = next((trial.votes for trial in found.trials if trial.name == "none"), {})
    rows = []
    for trial in sorted(found.trials, key=lambda each: -each.rank):
        votes = [
            (f"{value:.3f}", trial.name != "none" and value > nothing.get(voter, float("inf")))
            for voter, value in trial.votes.items()
        ]
        rows.append({"name": trial.name, "rank": trial.rank, "votes": votes, "refusal": trial.refusal,
                     "rehearsed": _rehearsed(trial), "chosen": trial.name == found.method})  # fmt: skip
    return rows


def _rehearsed(trial: Trial) -> dict[str, Any]:
    """What it gained in the rehearsal, give or take two standard errors, and whether that was enough."""
    if trial.rehearsal is None:
        return {"words": "–", "passed": False}
    gain, error = trial.rehearsal.gain, trial.rehearsal.error
    return {"words": f"{100 * gain:+.1f} ± {200 * error:.1f}".replace("-", "−"), "passed": trial.rehearsal.passed}
