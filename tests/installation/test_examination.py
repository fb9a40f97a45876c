"""The examination gathers every look, in order, however many findings each has."""

from __future__ import annotations

import pytest

from headstart.installation import compute, examination, packages
from headstart.installation.finding import Finding


def finding(name: str) -> Finding:
    return Finding(name=name, status="ok", detail="")


def test_everything_is_looked_at_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "torch_build", lambda: (finding("torch"), finding("GPU")))
    monkeypatch.setattr(compute, "bf16", lambda: finding("bfloat16"))
    monkeypatch.setattr(packages, "simple_extras", lambda: (finding("pandas"),))
    for look in ("torchvision", "picture_networks", "sentence_networks", "packaged_minilm"):
        monkeypatch.setattr(packages, look, lambda look=look: finding(look))
    names = [found.name for found in examination.examine()]
    assert names == [
        "headstart", "torch", "GPU", "bfloat16", "torchvision", "picture_networks", "sentence_networks",
        "packaged_minilm", "pandas", "store",
    ]  # fmt: skip
