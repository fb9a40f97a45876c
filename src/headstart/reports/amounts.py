"""Numbers as a person reads them: shares, gains, durations, moments, sizes, counts. What is unknown is a dash."""

from __future__ import annotations

import datetime
import math

UNKNOWN = "–"
_MINUS = "−"
# Not strftime's %B: a page must not depend on the locale of the machine that made it.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 as a percentage, without its sign.

    >>> percent(0.948), percent(1.0), percent(float("nan"))
    ('94.8', '100', '–')
    """
    if share is None or not math.isfinite(share):
        return UNKNOWN
    return f"{100 * share:.{0 if share in (0, 1) else digits}f}".replace("-", _MINUS)


def points(gain: float | None) -> str:
    """A difference of two shares in percentage points, always with its sign.

    >>> points(0.291), points(-0.05), points(0.0)
    ('+29.1', '−5.0', '±0.0')
    """
    if gain is None or not math.isfinite(gain):
        return UNKNOWN
    rounded = round(100 * gain, 1)
    sign = "±" if rounded == 0 else "+" if rounded > 0 else _MINUS
    return f"{sign}{abs(rounded):.1f}"


def duration(seconds: float | None) -> str:
    """
    >>> duration(0.02), duration(4.25), duration(75), duration(7260)
    ('< 0.1 s', '4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    if seconds < 0.1:
        return "0 s" if seconds == 0 else "< 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(iso: str) -> str:
    """A date and time in ISO 8601 as words; anything else as it is.

    >>> moment("2026-05-03T14:02:11+00:00"), moment("yesterday")
    ('3 May 2026, 14:02 UTC', 'yesterday')
    """
    try:
        when = datetime.datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M} {when.tzname() or ''}".rstrip()


def decimal(value: float | None, digits: int = 2) -> str:
    return f"{value:.{digits}f}" if value is not None and math.isfinite(value) else UNKNOWN


def size(amount: float | None) -> str:
    """Bytes in decimal units.

    >>> size(0), size(999), size(14_160_000), size(9.3e10)
    ('0 B', '999 B', '14.2 MB', '93.0 GB')
    """
    if amount is None or not math.isfinite(amount) or amount < 0:
        return UNKNOWN
    if amount < 1000:
        return f"{amount:.0f} B"
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if round(amount, 1) < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def count(number: int) -> str:
    """
    >>> count(5000)
    '5,000'
    """
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """
    >>> counted(1, "class", "classes"), counted(1200, "sample")
    ('1 class', '1,200 samples')
    """
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def noun_of(modality: str) -> str:
    """What a person calls one sample.

    >>> noun_of("image")
    'picture'
    """
    return {"image": "picture", "text": "text", "audio": "recording", "vector": "row"}.get(modality, "sample")
