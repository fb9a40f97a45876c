"""A study's answer in sentences; "shown" always means that an interval excludes zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from headstart.results import Interval, fraction

if TYPE_CHECKING:
    from headstart.strategies.transferability.findings import Cut, Study
    from headstart.strategies.transferability.probes import Probe


def verdict(study: Study) -> tuple[str, ...]:
    """What the curves and the probes say, in the order of the question: transfer, why not, what to do."""
    return (*_about_cuts(study.cuts), *_about_probes(study.probes))


def _about_cuts(cuts: Sequence[Cut]) -> Iterator[str]:
    if not cuts:
        return
    yield _specialised(cuts)
    yield _parted(cuts)
    yield _gained(cuts)


def _specialised(cuts: Sequence[Cut]) -> str:
    lost = [cut for cut in cuts if cut.specialisation.low > 0]
    if not lost:
        return (
            f"Representation: no layer was shown to be specialised to A (BnB - AnB is at most "
            f"{fraction(max(cut.specialisation.value for cut in cuts))}, at no cut clear of zero)."
        )
    worst = max(lost, key=lambda cut: cut.specialisation.value)
    before = [cut.layer for cut in cuts[: cuts.index(lost[0])]]
    general = f" Up to {before[-1]} no such loss was shown." if before else ""
    names = ", ".join(cut.layer for cut in lost)
    return (
        f"Representation: cut after {names}, A's layers serve B less well than B's own, most at {worst.layer} "
        f"({_points(worst.specialisation.value)} points lost, {_range(worst.specialisation)}).{general}"
    )


def _parted(cuts: Sequence[Cut]) -> str:
    lost = [cut for cut in cuts if cut.co_adaptation.low > 0]
    if not lost:
        return "Co-adaptation: parting B's own layers and learning the upper ones anew was not shown to cost anything."
    worst = max(lost, key=lambda cut: cut.co_adaptation.value)
    mended = " Letting all layers learn makes up for it." if worst.selffer_tuned.value > worst.selffer.value else ""
    return (
        f"Co-adaptation: parting layers that grew together costs most at {worst.layer} "
        f"({_points(worst.co_adaptation.value)} points, {_range(worst.co_adaptation)}).{mended}"
    )


def _gained(cuts: Sequence[Cut]) -> str:
    best = max(cuts, key=lambda cut: cut.gain.value)
    if best.gain.low > 0:
        return (
            f"Start: A's layers up to {best.layer}, fine-tuned, gain {_points(best.gain.value)} points over learning B "
            f"alone ({_range(best.gain)})."
        )
    worst = min(cuts, key=lambda cut: cut.gain.value)
    if worst.gain.high < 0:
        return (
            f"Start: A's layers, fine-tuned, are worse than learning B alone: {_points(worst.gain.value)} points at "
            f"{worst.layer} ({_range(worst.gain)})."
        )
    return "Start: no gain of fine-tuning A's layers over learning B alone was shown."


def _about_probes(probes: Sequence[Probe]) -> Iterator[str]:
    if len(probes) < 2:
        return
    best = max(probes, key=lambda probe: probe.accuracy.value)
    last = probes[-1]
    if best is last or best.accuracy.value <= last.accuracy.high:
        found = fraction(last.accuracy.value)
        yield f"Probes: a linear probe reads B from the last layer as well as from any ({found})."
    else:
        yield (
            f"Probes: {best.layer} reads B best ({fraction(best.accuracy.value)}, the last layer "
            f"{fraction(last.accuracy.value)}): layers above it are made for something else; cut or tap there."
        )
    untrained = [probe.untrained.value for probe in probes if probe.untrained is not None]
    if last.untrained is not None and max(last.untrained.high, *untrained) >= best.accuracy.value:
        yield "Probes: random weights read B just as well; what was learned elsewhere brings a linear probe nothing."


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def _range(interval: Interval) -> str:
    return f"[{_points(interval.low)}, {_points(interval.high)}]"
