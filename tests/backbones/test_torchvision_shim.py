"""The two operators are declared only where torchvision's import fails for want of them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import torch

from headstart.backbones import torchvision_shim


@pytest.fixture
def fresh(monkeypatch):
    """The function without its memory."""
    return torchvision_shim.make_torchvision_importable.__wrapped__


def test_nothing_is_done_where_the_import_works(fresh, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: object())
    assert fresh() is None


@pytest.mark.parametrize("cause", [ModuleNotFoundError("no torchvision"), OSError("libc10_cuda.so"), RuntimeError("x")])
def test_other_failures_are_left_to_whoever_needs_it(fresh, monkeypatch, cause):
    def fail(name):
        raise cause

    monkeypatch.setattr(importlib, "import_module", fail)
    monkeypatch.setattr(torch.library, "Library", lambda *_: pytest.fail("operators were declared"))
    assert fresh() is None


def test_the_missing_operators_are_declared(fresh, monkeypatch):
    declared = []

    class Library:
        def __init__(self, *place):
            declared.append(place)

        def define(self, signature):
            declared.append(signature.partition("(")[0])

    def fail(name):
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(importlib, "import_module", fail)
    monkeypatch.setattr(torch.library, "Library", Library)
    monkeypatch.setattr(sys, "modules", {**sys.modules, "torchvision": None, "torchvision.ops": None})
    assert isinstance(fresh(), Library)
    assert declared == [("torchvision", "DEF"), "nms", "qnms"]
    assert not [name for name in sys.modules if name.startswith("torchvision")]


def test_without_timm_the_extra_is_named():
    code = (
        "import sys; sys.modules['timm'] = None\n"
        "from headstart.backbones.torchvision_shim import import_timm\n"
        "from headstart.errors import MissingExtra\n"
        "try: import_timm()\n"
        "except MissingExtra as error: assert 'headstart[vision]' in str(error), error\n"
        "else: raise SystemExit('imported')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
