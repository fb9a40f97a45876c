"""Any network of timm (Wightman, 2019), with its own test-time preprocessing, from the hub or from a local file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from headstart.backbones.checkpoint import load_exactly, read_checkpoint
from headstart.backbones.hub import one_sentence
from headstart.backbones.network import NetworkBackbone
from headstart.backbones.picture_preparation import PicturePreparation
from headstart.backbones.quantised import QuantisedBackbone, in_precision
from headstart.backbones.seeding import seeded
from headstart.backbones.timm_layers import timm_layers
from headstart.backbones.torchvision_shim import import_timm
from headstart.errors import BackboneError


def open_timm(
    model: str,
    *,
    checkpoint: str | None = None,
    seed: int | None = None,
    license: str | None = None,
    pad_type: str | None = None,
    bn_eps: float | None = None,
    global_pool: str | None = None,
    img_size: int | None = None,
    input_size: int | tuple[int, ...] | None = None,
    crop_pct: float | None = None,
    crop_mode: str | None = None,
    interpolation: str | None = None,
    mean: float | tuple[float, ...] | None = None,
    std: float | tuple[float, ...] | None = None,
    precision: str = "float32",
) -> NetworkBackbone | QuantisedBackbone:
    """`timm/<model>`: pretrained weights from the Hugging Face hub, unless `checkpoint` or `seed` say otherwise.

    checkpoint                               a local .safetensors file in timm's naming
    seed                                     random weights
    license                                  of the weights in `checkpoint`
    pad_type, bn_eps, global_pool, img_size  as `timm.create_model` takes them
    input_size, crop_pct, crop_mode, …       in place of the model's own test-time preprocessing
    precision                                "int8": faster, with changed features, to be calibrated first (`fitted`)

    Raises `BackboneError` for an unknown model, weights that cannot be had, or weights of another architecture.
    """
    if checkpoint is not None and seed is not None:
        raise BackboneError("checkpoint= and seed= exclude each other: weights come from a file or from chance")
    if license is not None and checkpoint is None:
        raise BackboneError("option license goes with checkpoint=; weights from the hub bring their own")
    built = _given(pad_type=pad_type, bn_eps=bn_eps, global_pool=global_pool, img_size=img_size)
    shown = _given(
        input_size=input_size, crop_pct=crop_pct, crop_mode=crop_mode, interpolation=interpolation, mean=mean, std=std
    )
    module, terms = _with_weights(model, built, checkpoint=checkpoint, seed=seed)
    options = {**built, **shown}
    network = _backbone(
        model,
        module,
        built,
        _preparation(module, {"input_size": img_size, **shown} if img_size else shown),
        options={**options, **_given(checkpoint=checkpoint, seed=seed, license=license)},
        architecture=(f"timm/{model}", {**options, "seed": 0}),
        license=license or terms,
    )
    return in_precision(network, precision)


def _with_weights(model: str, built: Mapping[str, Any], *, checkpoint: str | None, seed: int | None) -> tuple[Any, str]:
    """The network with its classifier, and the licence of its weights."""
    if seed is not None:
        with seeded(seed):
            return _create(model, built), "none (random weights)"
    if checkpoint is None:
        module = _create(model, built, pretrained=True)
        return module, str(module.pretrained_cfg.get("license") or "unknown")
    state, notes = read_checkpoint(checkpoint)
    module = _create(model, built)
    module.reset_classifier(_n_classes(module, state))
    load_exactly(module, state, what=f"timm/{model}", origin=checkpoint)
    return module, notes.get("license", "unknown")


def _create(model: str, built: Mapping[str, Any], *, pretrained: bool = False) -> Any:
    timm = import_timm()
    name, _, tag = model.partition(".")
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=3)
        offered = f"; did you mean {' or '.join(near)}?" if near else "; timm.list_models() names them all"
        raise BackboneError(f"timm has no model '{name}'{offered}")
    tags = timm.list_pretrained(f"{name}.*") or timm.list_pretrained(name)
    if tag and model not in tags:
        raise BackboneError(f"timm has no weights '{tag}' for {name}; it has: {', '.join(tags) or 'none'}")
    if pretrained and not tags:
        raise BackboneError(f"timm has no pretrained weights for {name}; give checkpoint=, or name another model")
    try:
        return timm.create_model(model, **built, pretrained=pretrained)
    except TypeError as cause:
        raise BackboneError(f"timm/{model} does not take these options: {dict(built)} ({cause})") from cause
    except Exception as cause:
        if not pretrained:
            raise BackboneError(f"timm/{model} cannot be built with {dict(built)}: {cause}") from cause
        raise BackboneError(one_sentence(f"timm/{model}", cause)) from cause


def _n_classes(module: Any, state: Mapping[str, Tensor]) -> int:
    """How many classes the checkpoint's classifier has, 0 where it has none."""
    classifier = module.pretrained_cfg.get("classifier") or ""
    names = (classifier,) if isinstance(classifier, str) else tuple(classifier)
    weights = [state[f"{name}.weight"] for name in names if f"{name}.weight" in state]
    return len(weights[0]) if weights else 0


def _preparation(module: Any, shown: Mapping[str, Any]) -> PicturePreparation:
    """timm's test-time preprocessing of this model, with `shown` in place of its values."""
    resolved = import_timm().data.resolve_data_config({}, model=module, use_test_size=True)
    channels = resolved["input_size"][0]
    size = shown.get("input_size") or resolved["input_size"][1:]
    sides = (size,) if isinstance(size, int) else tuple(int(side) for side in size)
    return PicturePreparation(
        size=(sides[0], sides[-1]),
        crop_pct=float(shown.get("crop_pct") or resolved["crop_pct"]),
        crop_mode=shown.get("crop_mode") or resolved["crop_mode"],
        interpolation=shown.get("interpolation") or resolved["interpolation"],
        mean=_per_channel(shown.get("mean", resolved["mean"]), channels),
        std=_per_channel(shown.get("std", resolved["std"]), channels),
    )


def _backbone(
    model: str, module: Any, built: Mapping[str, Any], preparation: PicturePreparation, **facts: Any
) -> NetworkBackbone:
    """Without its classifier, which is kept beside: features do not depend on it."""
    classifier = module.get_classifier()
    module.reset_classifier(0)
    layers, channel_axis = timm_layers(module, preparation.example())
    return NetworkBackbone(
        module,
        name=f"timm/{model}",
        modality="image",
        layers=layers,
        preparation=preparation,
        facts={"timm": model.partition(".")[0], **built},
        classifier=classifier if isinstance(classifier, nn.Linear) and "seed" not in facts["options"] else None,
        channel_axis=channel_axis,
        reopens=True,
        **facts,
    )


def _per_channel(value: float | tuple[float, ...], channels: int) -> tuple[float, ...]:
    values = tuple(float(part) for part in value) if isinstance(value, tuple | list) else (float(value),)
    return values * channels if len(values) == 1 else values


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
