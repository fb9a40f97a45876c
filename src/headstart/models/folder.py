"""The model folder: safetensors and JSON, no pickle; what is saved is loaded again and compared before it counts.

model.json              classes, backbones, layers, heads, calibration, versions
head.safetensors        the head's learned arrays; of a mixture head0, head1, … one per member
backbone0.safetensors   the backbone's weights, where its name alone does not bring them back; one per backbone
findings.json           all that was compared (report and card are made from it)
README.md, report.html  for people
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

import headstart
from headstart.errors import ModelError
from headstart.models.model import Model
from headstart.models.packing import ALONE, MIXTURE, read_members, write_members
from headstart.problem import Domain, Task
from headstart.results import to_plain

DESCRIPTION = "model.json"


def save(
    model: Model,
    folder: str | Path,
    *,
    standalone: bool = False,
    overwrite: bool = False,
    pages: Mapping[str, str] | None = None,
) -> Path:
    """Write `model` to `folder`, load it back and compare; only then does the folder appear.

    `standalone` stores the backbone's weights even where its name would bring them back; `pages` are texts to lay
    beside the model (card, report). Raises `ModelError` when the folder holds something else, when a model is there
    already and `overwrite` is not set, or when the copy differs.
    """
    folder = Path(folder)
    refuse_foreign(folder, overwrite=overwrite)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(model, draft, standalone=standalone, pages=pages or {})
        _compare(model, load(draft))
        _swap(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def load(folder: str | Path) -> Model:
    """A model from its folder, without training code and without pickle.

    Raises `ModelError` when files are missing, damaged or of a newer format, `BackboneError` when the backbone is no
    longer the one that the model was made with.
    """
    folder = Path(folder)
    description = _description(folder)
    try:
        members = read_members(folder, description)
    except (KeyError, IndexError, TypeError, OSError, SafetensorError) as cause:
        raise ModelError(
            f"{folder} is not a whole model: {cause!r}; save it again, or copy all of its files"
        ) from cause
    findings_file = folder / "findings.json"
    return Model(
        members=members,
        task=Task(tuple(description["classes"])),
        domain=Domain(description["domain"]["modality"], description["domain"]["name"],
                      tuple(description["domain"]["columns"])),
        temperature=description["temperature"],
        columns=description["columns"],
        findings=json.loads(findings_file.read_text(encoding="utf-8")) if findings_file.exists() else {},
    )  # fmt: skip


def _description(folder: Path) -> dict[str, Any]:
    file = folder / DESCRIPTION
    if not folder.exists():
        raise ModelError(f"no model at {folder}: there is no such folder")
    if not file.is_file():
        raise ModelError(
            f"no model at {folder}: it holds no {DESCRIPTION}; `headstart transfer … -o {folder}` makes one"
        )
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
        found = description["format"]
    except (ValueError, KeyError, TypeError) as cause:
        raise ModelError(f"{file} is damaged ({cause!r}); save the model again") from cause
    if found not in (ALONE, MIXTURE):
        raise ModelError(
            f"{folder} has format {found}, this headstart {headstart.__version__} reads formats {ALONE} and {MIXTURE}; "
            "use the version that wrote it"
        )
    return dict(description)


def _write(model: Model, draft: Path, *, standalone: bool, pages: Mapping[str, str]) -> None:
    description = {
        "made_with": {"headstart": headstart.__version__, "numpy": np.__version__},
        "classes": model.task.classes,
        "domain": asdict(model.domain),
        "columns": model.columns,
        **write_members(model.members, draft, standalone=standalone),
        "temperature": model.temperature,
    }
    _write_json(draft / DESCRIPTION, description)
    if model.findings:
        _write_json(draft / "findings.json", model.findings)
    for name, page in pages.items():
        (draft / name).write_text(page, encoding="utf-8")
    draft.chmod(0o755)  # a temporary folder is private; a model is not
    for file in draft.iterdir():
        _sync(file)


def _write_json(file: Path, value: Any) -> None:
    text = json.dumps(to_plain(value), indent=1, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def _compare(model: Model, copy: Model) -> None:
    """The copy must predict bit by bit what the model predicts, on features that both compute."""
    if copy.task != model.task or _made_of(copy) != _made_of(model):
        raise ModelError("the saved copy differs in classes, backbones or weights; this is a defect, please report it")
    widths = [getattr(member.head, "n_features_in_", None) for member in model.members]
    if None in widths:
        return
    rng = np.random.default_rng(0)
    probes = [rng.standard_normal((16, width)).astype(np.float32) for width in widths if width]
    if not np.array_equal(model.head_proba(*probes), copy.head_proba(*probes)):
        raise ModelError("the saved copy predicts otherwise than the model; this is a defect, please report it")


def _made_of(model: Model) -> list[tuple[Any, ...]]:
    """What decides a model beside its heads, member by member."""
    return [
        (
            each.map.backbone.fingerprint,
            each.map.layers,
            each.map.scales,
            each.map.pooling,
            each.weight,
            each.temperature,
        )
        for each in model.members
    ]


def is_model(folder: str | Path) -> bool:
    """Whether a folder holds a saved model."""
    return (Path(folder) / DESCRIPTION).is_file()


def refuse_foreign(folder: Path, *, overwrite: bool) -> None:
    """Raise `ModelError` where saving to `folder` would destroy something, or something not asked for."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not is_model(folder):
        raise ModelError(f"{folder} exists and is not a model; name another folder for the result")
    if not overwrite:
        raise ModelError(f"{folder} holds a model already; name another folder, or allow overwriting (--overwrite)")


def _swap(draft: Path, folder: Path) -> None:
    """Put the draft in place; an older model disappears only after the new one stands."""
    if not folder.exists():
        draft.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / "model")
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
