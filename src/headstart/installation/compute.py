"""What headstart computes with: the build of torch, the processor's low-precision mode, the GPU."""

from __future__ import annotations

from headstart.installation.finding import Finding
from headstart.installation.probe import Outcome, probe

_TORCH = """
import torch
gpus = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
print("|".join([torch.__version__, torch.version.cuda or "", torch.backends.cpu.get_cpu_capability(), ", ".join(gpus)]))
"""
_BF16 = """
import torch
rows = torch.ones(64, 64, dtype=torch.bfloat16)
torch.nn.Linear(64, 64).bfloat16()(rows)
torch.nn.Conv2d(8, 8, 3).bfloat16()(torch.ones(2, 8, 16, 16, dtype=torch.bfloat16))
print("ok")
"""


def torch_build() -> tuple[Finding, ...]:
    """Version and build of torch, the vector instructions it uses, and the GPU it sees."""
    outcome = probe(_TORCH)
    if not outcome.worked:
        reason = outcome.complaint or f"killed by {outcome.signal}"
        fix = "pip install --force-reinstall -c constraints.txt torch"
        return (Finding(name="torch", status="broken", detail=reason, fix=fix),)
    version, cuda, capability, gpus = outcome.output.split("|")
    build = f"CUDA {cuda}" if cuda else "CPU build"
    torch = Finding(name="torch", status="ok", detail=f"{version} ({build}), vector instructions {capability}")
    if cuda and not gpus:
        plain = version.partition("+")[0]
        torch = Finding(
            name="torch",
            status="note",
            detail=f"{version} (CUDA {cuda}), vector instructions {capability}; no GPU answers: "
            "several GB of libraries lie idle, or the driver is missing",
            fix=f"pip install torch=={plain} --index-url https://download.pytorch.org/whl/cpu",
        )
    return torch, Finding(name="GPU", status="ok", detail=gpus or "none (not needed)")


def bf16() -> Finding:
    """Whether bfloat16 survives on this processor.

    Some processors advertise AMX and then stop the program (SIGILL) at its first instruction: hence the own process.
    """
    return judge_bf16(probe(_BF16))


def judge_bf16(outcome: Outcome) -> Finding:
    """What the outcome of the bfloat16 probe means for the user."""
    if outcome.worked:
        return Finding(name="bfloat16", status="ok", detail="works (never switched on by itself)")
    how = f"ends the program with {outcome.signal}" if outcome.signal else f"fails: {outcome.complaint}"
    return Finding(
        name="bfloat16",
        status="note",
        detail=f"{how}; headstart computes in float32 and is not affected",
        fix="for your own bfloat16 code: set ONEDNN_MAX_CPU_ISA=AVX10_1_512, or stay with float32",
    )
