"""What the probes of torch and of the processor mean."""

from __future__ import annotations

import ast

import pytest
import torch

from headstart.installation import compute
from headstart.installation.probe import Outcome


def answering(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    monkeypatch.setattr(compute, "probe", lambda program: outcome)


def test_this_torch_is_found() -> None:
    torch_found, gpu = compute.torch_build()
    assert torch.__version__ in torch_found.detail
    assert torch.backends.cpu.get_cpu_capability() in torch_found.detail
    assert ("none" in gpu.detail) == (not torch.cuda.is_available())


def test_a_cuda_build_without_a_gpu_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Outcome("2.13.0+cu130|13.0|AVX2|", "", "", worked=True))
    found, gpu = compute.torch_build()
    assert found.status == "note"
    assert "no GPU answers" in found.detail
    assert "torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu" in found.fix
    assert "none" in gpu.detail


def test_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Outcome("2.13.0+cu130|13.0|AVX2|Some Card", "", "", worked=True))
    found, gpu = compute.torch_build()
    assert (found.status, gpu.detail) == ("ok", "Some Card")


def test_a_torch_that_does_not_import_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Outcome("", "ImportError: libtorch_cpu.so: no such file", "", worked=False))
    (found,) = compute.torch_build()
    assert found.status == "broken"
    assert "libtorch_cpu.so" in found.detail


def test_a_processor_that_dies_of_bf16_is_a_note_not_a_fault() -> None:
    found = compute.judge_bf16(Outcome("", "", "SIGILL", worked=False))
    assert found.status == "note"
    assert "SIGILL" in found.detail
    assert "ONEDNN_MAX_CPU_ISA" in found.fix


def test_bf16_that_works_is_fine() -> None:
    assert compute.judge_bf16(Outcome("ok", "", "", worked=True)).status == "ok"


def test_bf16_is_really_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[str] = []

    def remember(program: str) -> Outcome:
        programs.append(program)
        return Outcome("ok", "", "", worked=True)

    monkeypatch.setattr(compute, "probe", remember)
    compute.bf16()
    tried = ast.unparse(ast.parse(programs[0]))
    assert "torch.nn.Linear(64, 64).bfloat16()" in tried
