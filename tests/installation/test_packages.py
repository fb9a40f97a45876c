"""Absent, broken and working packages are told apart, each with what mends it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from headstart.installation import packages
from headstart.installation.probe import Outcome

ROOT = Path(__file__).resolve().parents[2]
WORKS = Outcome("", "", "", worked=True)


def world(monkeypatch: pytest.MonkeyPatch, *, versions: dict[str, str], outcome: Outcome = WORKS) -> None:
    """A machine on which these distributions are installed and every probe ends like this."""
    monkeypatch.setattr(packages, "installed", versions.get)
    monkeypatch.setattr(packages, "probe", lambda program: outcome)


def test_the_table_of_extras_is_the_one_of_the_project() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for extra, distributions in packages.EXTRAS.items():
        assert {re.split(r"[<>=\[]", need)[0] for need in declared[extra]} == set(distributions)
    assert f"{packages.MINILM}==0.1.0" in declared["text-offline"]


def test_the_small_extras_of_this_machine_work() -> None:
    assert {finding.status for finding in packages.simple_extras()} <= {"ok", "missing"}


def test_an_absent_extra_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, versions={})
    for finding in (*packages.simple_extras(), packages.picture_networks(), packages.sentence_networks()):
        assert finding.status == "missing"
        assert "pip install" in finding.fix


def test_torchvision_for_cuda_beside_torch_for_cpu_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = "RuntimeError: operator torchvision::nms does not exist"
    world(
        monkeypatch,
        versions={"torchvision": "0.28.0", "torch": "2.13.0+cpu"},
        outcome=Outcome("", complaint, "", worked=False),
    )
    monkeypatch.setattr(packages, "partner_of", lambda name: "2.13.0")
    found = packages.torchvision()
    assert found.status == "note"
    assert "CUDA build" in found.detail
    assert "torchvision==0.28.0" in found.fix


def test_torchvision_for_another_torch_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, versions={"torchvision": "0.29.2", "torch": "2.13.0+cpu"})
    monkeypatch.setattr(packages, "partner_of", lambda name: "2.15.0")
    found = packages.torchvision()
    assert found.status == "broken"
    assert "was built for torch 2.15.0" in found.detail


@pytest.mark.parametrize("pin", ["torch==2.13.0", "torch (==2.13.0)", "torch == 2.13.0"])
def test_the_torch_that_a_package_names(monkeypatch: pytest.MonkeyPatch, pin: str) -> None:
    monkeypatch.setattr(packages, "requires", lambda name: ["numpy", pin, "pillow>=5"])
    assert packages.partner_of("torchvision") == "2.13.0"


def test_a_package_that_names_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requires", lambda name: ["torch>=2", "torchmetrics==1.0"])
    assert packages.partner_of("timm") is None


def test_a_network_that_does_not_open_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    world(monkeypatch, versions={"timm": "1.0.31"}, outcome=Outcome("", "ImportError: no", "", worked=False))
    found = packages.picture_networks()
    assert found.status == "broken"
    assert "ImportError: no" in found.detail


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.safetensors"
    other.write_bytes(b"other weights")
    found = packages.judge_weights(other)
    assert found.status == "broken"
    assert packages.MINILM_SHA256[:12] in found.detail


def test_missing_weights_are_broken(tmp_path: Path) -> None:
    assert packages.judge_weights(tmp_path / "model.safetensors").status == "broken"


def test_the_packaged_weights_are_the_published_ones() -> None:
    if packages.installed(packages.MINILM) is None:
        pytest.skip(f"{packages.MINILM} is not installed")
    assert packages.packaged_minilm().status == "ok"
