"""One door to every backbone: `kind`, `kind/model` or `kind/model?option=value&…`."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from headstart.allocation import calm_malloc
from headstart.backbones.backbone import Backbone
from headstart.errors import BackboneError, UnknownName
from headstart.registry import Registry

BACKBONES = Registry(
    "backbone",
    conv="headstart.backbones.conv:open_conv",
    mlp="headstart.backbones.mlp:open_mlp",
    model="headstart.backbones.saved:open_saved",
    random="headstart.backbones.random_weights:open_random",
    raw="headstart.backbones.raw:open_raw",
    sentence="headstart.backbones.sentence:open_sentence",
    tfidf="headstart.backbones.tfidf:open_tfidf",
    timm="headstart.backbones.timm_models:open_timm",
    words="headstart.backbones.words:open_words",
)


def open_backbone(name: str, **options: Any) -> Backbone:
    """Open a backbone by name; options may stand in the name, like a URL query, or beside it.

    >>> open_backbone("conv?size=16", seed=1).layers
    ('stage1', 'stage2', 'stage3', 'pool')

    Raises `UnknownName` for an unknown kind or option (the nearest is offered), `BackboneError` where the network or
    its weights cannot be had, `MissingExtra` where a package is missing.
    """
    if not isinstance(name, str):
        raise BackboneError(f"a backbone is opened by its name, got a {type(name).__name__}")
    kind, rest, written = parse(name)
    twice = sorted(set(written) & set(options))
    if twice:
        raise BackboneError(f"option '{twice[0]}' stands in the name '{name}' and beside it; give it once")
    opener = opener_of(kind, BACKBONES)
    calm_malloc()
    return opener(rest, **checked(opener, kind, {**written, **options}))


def parse(name: str) -> tuple[str, str, dict[str, str]]:
    """Kind, model and options of a name.

    >>> parse("timm/resnet18?checkpoint=a/b.safetensors")
    ('timm', 'resnet18', {'checkpoint': 'a/b.safetensors'})
    """
    path, mark, query = name.rpartition("?")
    if not mark or "=" not in query:
        path, query = name, ""
    pairs = [part.partition("=") for part in query.split("&")] if query else []
    if any(not key or not sign for key, sign, _ in pairs):
        raise BackboneError(f"cannot read the options in '{name}'; write them as ?option=value&other=value")
    kind, _, rest = path.partition("/")
    return kind, rest, {unquote(key): unquote(value) for key, _, value in pairs}


def opener_of(kind: str, table: Mapping[str, Any]) -> Callable[..., Backbone]:
    """The function behind a kind's name; an unknown one says how names are built."""
    try:
        return table[kind]
    except UnknownName as error:
        error.args = (f"{error} A name is kind/model, e.g. timm/resnet18 or sentence/all-MiniLM-L6-v2.",)
        raise


def checked(opener: Callable[..., Any], kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that the opener knows, those given as text in their own type. Raises `UnknownName` for others."""
    parameters = inspect.signature(opener, eval_str=True).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return dict(options)
    known = {parameter.name: parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    for option in options:
        if option not in known:
            raise UnknownName(f"option of {kind}", option, known)
    missing = [
        name for name, parameter in known.items() if parameter.default is parameter.empty and name not in options
    ]
    if missing:
        raise BackboneError(f"'{kind}' needs the option '{missing[0]}'; write {kind}?{missing[0]}=…")
    return {option: _typed(value, known[option].annotation, option) for option, value in options.items()}


def _typed(value: Any, annotation: Any, option: str) -> Any:
    """A text as the type the option has; a list as a tuple; anything else as it is."""
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str):
        return value
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    kinds = typing.get_args(annotation) if union else (annotation,)
    for kind in kinds:
        try:
            return _READERS[typing.get_origin(kind) or kind](value)
        except (KeyError, ValueError):
            continue
    raise BackboneError(f"option {option}={value!r} is not of the kind it must be ({annotation})")


def _truth(text: str) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[text.lower()]


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


_READERS: dict[Any, Callable[[str], Any]] = {
    bool: _truth, int: int, float: float, tuple: _numbers, str: str, typing.Literal: str,
}  # fmt: skip
