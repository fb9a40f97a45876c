"""Only what is on the machine already stands ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.problem import MODALITIES
from headstart.strategies.defaults import cached_timm_models, default_backbones, missing_hint


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_models_in_the_cache_are_found_and_half_downloads_are_not(cache: Path) -> None:
    whole = cache / "models--timm--resnet18.a1_in1k" / "snapshots" / "abc"
    whole.mkdir(parents=True)
    (whole / "model.safetensors").write_bytes(b"")
    (cache / "models--timm--half.in1k" / "snapshots").mkdir(parents=True)
    (cache / "models--someone--else").mkdir()
    assert cached_timm_models() == ("timm/resnet18.a1_in1k",)


def test_an_empty_machine_has_no_default_for_pictures(cache: Path) -> None:
    assert default_backbones("image") == ()
    assert default_backbones("vector") == ()


@pytest.mark.parametrize("modality", MODALITIES)
def test_what_is_missing_comes_with_what_to_do(modality: str) -> None:
    hint = missing_hint(modality)  # type: ignore[arg-type]
    assert "--" in hint or "pip install" in hint
