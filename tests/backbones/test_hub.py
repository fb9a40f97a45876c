"""Whatever the hub's client raises becomes one sentence with a remedy."""

from __future__ import annotations

import pytest

from headstart.backbones.hub import one_sentence


class LocalEntryNotFoundError(FileNotFoundError):
    """As the hub's client names it."""


class GatedRepoError(Exception):
    """As the hub's client names it."""


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (LocalEntryNotFoundError("long\ntext"), "not in the local cache"),
        (chained(RuntimeError("wrapped"), GatedRepoError()), "accept terms"),
        (ConnectionError("refused"), "cannot be reached"),
        (ValueError("first line.\nsecond line"), "first line;"),
        (ValueError(), "ValueError"),
    ],
)
def test_reasons(cause, reason, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    message = one_sentence("timm/x", cause)
    assert reason in message and "'timm/x'" in message and "\n" not in message
    assert "check the name and the connection" in message
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "unset HF_HUB_OFFLINE" in one_sentence("timm/x", cause)
