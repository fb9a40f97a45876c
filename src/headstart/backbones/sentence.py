"""Sentence encoders (Reimers & Gurevych, EMNLP 2019): the packaged MiniLM, a folder, or one from the hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.seeding import seeded
from headstart.backbones.sentence_folder import SentenceFiles, check_packaged, sentence_files
from headstart.backbones.sentence_network import Pooled, SentenceNetwork
from headstart.backbones.text_preparation import TextPreparation
from headstart.backbones.torchvision_shim import make_torchvision_importable
from headstart.errors import BackboneError
from headstart.registry import require

_TOKENIZER = "tokenizer.json"
_PASSING = frozenset({"_name_or_path", "transformers_version"})  # where and with what it was opened
_POOLER_UNUSED = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "mpnet"})


class SentenceBackbone(NetworkBackbone):
    """A network whose state carries its tokenizer, so that a model folder needs nothing else."""

    preparation: TextPreparation

    def state(self) -> dict[str, Tensor]:
        """Weights, and the tokenizer's JSON as bytes."""
        return {
            **super().state(),
            _TOKENIZER: torch.tensor(list(self.preparation.tokenizer.encode()), dtype=torch.uint8),
        }

    def with_state(self, state: dict[str, Tensor]) -> Self:
        """The same architecture with these weights and this tokenizer."""
        weights = {name: tensor for name, tensor in state.items() if name != _TOKENIZER}
        if _TOKENIZER not in state:
            raise BackboneError(f"the state of a sentence encoder needs '{_TOKENIZER}' beside its weights")
        own = self.preparation
        twin = self.named(self.name, self.options, reopens=False)
        twin.preparation = TextPreparation(
            state[_TOKENIZER].numpy().tobytes().decode(), max_length=own.max_length, pad=own.pad, prompt=own.prompt
        )
        return super(SentenceBackbone, twin).with_state(weights)


def open_sentence(
    model: str = "",
    *,
    seed: int | None = None,
    max_length: int | None = None,
    prompt: str | None = None,
    config: dict[str, Any] | None = None,
    pooled: Pooled = "mean",
    normalise: bool = False,
    precision: str = "float32",
) -> SentenceBackbone:
    """`sentence/<name or folder>`: layers embeddings, block0 …, pool; `pool` equals what sentence-transformers encodes.

    seed        random weights in place of the model's own
    max_length  tokens read of a text, in place of the model's own limit
    prompt      put before every text, in place of the model's own
    precision   "float32" only: the 8-bit form is for picture networks

    Without a name, `config` (with `pooled` and `normalise`) gives the bare architecture, to be completed with
    `with_state`. Raises `BackboneError` where files cannot be had or do not fit.
    """
    if precision != "float32":
        raise BackboneError(
            f"sentence encoders compute in float32 only, got precision={precision}; int8 is for picture networks"
        )
    if not model:
        return _skeleton(config, pooled, normalise, max_length, prompt)
    if config is not None:
        raise BackboneError(f"option config goes without a model's name, got 'sentence/{model}'")
    files = sentence_files(model)
    module = SentenceNetwork(_encoder(files, model, seed), pooled=files.pooled, normalise=files.normalise)
    settings: Any = module.encoder.config
    preparation = TextPreparation(
        _tokenizer(files.folder, model),
        max_length=_max_length(max_length or files.max_length, settings),
        pad=getattr(settings, "pad_token_id", None) or 0,
        prompt=files.prompt if prompt is None else prompt,
    )
    given = {"seed": seed, "max_length": max_length, "prompt": prompt}
    return _backbone(
        module,
        preparation,
        name=f"sentence/{model}",
        options={key: value for key, value in given.items() if value is not None},
        license=files.license if seed is None else "none (random weights)",
        reopens=True,
    )


def _skeleton(
    config: dict[str, Any] | None, pooled: Pooled, normalise: bool, max_length: int | None, prompt: str | None
) -> SentenceBackbone:
    if config is None or max_length is None:
        raise BackboneError("'sentence' needs a model: sentence/all-MiniLM-L6-v2, a folder, or a name on the hub")
    settings = _transformers().AutoConfig.for_model(**config)
    module = SentenceNetwork(_random_encoder(settings, seed=0), pooled=pooled, normalise=normalise)
    preparation = TextPreparation("", max_length=max_length, pad=settings.pad_token_id or 0, prompt=prompt or "")
    return _backbone(module, preparation, name="sentence", options={}, license="unknown", reopens=False)


def _backbone(module: SentenceNetwork, preparation: TextPreparation, **facts: Any) -> SentenceBackbone:
    config = module.encoder.config.to_dict()  # type: ignore[union-attr,operator]
    bare: dict[str, Any] = {
        "config": {key: value for key, value in config.items() if key not in _PASSING and _is_plain(value)},
        "pooled": module.pooled,
        "normalise": module.normalise,
        "max_length": preparation.max_length,
        "prompt": preparation.prompt,
    }
    return SentenceBackbone(
        module,
        modality="text",
        layers=module.layers(),
        preparation=preparation,
        architecture=("sentence", bare),
        facts={"encoder": config["model_type"], "pooled": module.pooled, "normalise": module.normalise},
        **facts,
    )


def _encoder(files: SentenceFiles, model: str, seed: int | None) -> nn.Module:
    settings = _transformers().AutoConfig.from_pretrained(files.folder)
    if seed is not None:
        return _random_encoder(settings, seed=seed)
    if not list(files.folder.glob("model*.safetensors")):
        raise BackboneError(f"'sentence/{model}' has no .safetensors weights; pickled weights are not opened")
    check_packaged(files.folder)
    try:
        with seeded(0), _quiet():
            encoder = _transformers().AutoModel.from_pretrained(
                files.folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
    except (OSError, ValueError, RuntimeError) as cause:
        raise BackboneError(f"'sentence/{model}' cannot be loaded from {files.folder}: {cause}") from cause
    return _without_pooler(encoder)


def _random_encoder(settings: Any, *, seed: int) -> nn.Module:
    with seeded(seed):
        return _without_pooler(_transformers().AutoModel.from_config(settings))


def _without_pooler(encoder: Any) -> nn.Module:
    """BERT's own pooler is not part of a sentence encoder: its output is never read."""
    if encoder.config.model_type in _POOLER_UNUSED:
        encoder.pooler = None
    return encoder


def _tokenizer(folder: Path, model: str) -> str:
    """The tokenizer's JSON: the file as it is, so that another version of transformers cannot change it."""
    if (folder / _TOKENIZER).is_file():
        return (folder / _TOKENIZER).read_text(encoding="utf-8")
    try:
        return str(_transformers().AutoTokenizer.from_pretrained(folder).backend_tokenizer.to_str())
    except (OSError, ValueError, AttributeError) as cause:
        raise BackboneError(f"'sentence/{model}' has no {_TOKENIZER} and none can be made: {cause}") from cause


def _max_length(wanted: int | None, settings: Any) -> int:
    longest = getattr(settings, "max_position_embeddings", 512)
    if wanted is not None and not 2 < wanted <= longest:
        raise BackboneError(f"max_length must lie in 3..{longest} for this encoder, got {wanted}")
    return min(wanted or 512, longest)


def _transformers() -> Any:
    make_torchvision_importable()  # transformers imports it too
    return require("transformers", extra="text")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bar, which is put back."""
    logging = _transformers().utils.logging
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
