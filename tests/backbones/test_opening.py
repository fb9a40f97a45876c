"""Names: how they are read, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from headstart.backbones.opening import checked, open_backbone, parse
from headstart.errors import BackboneError, UnknownName


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tfidf", ("tfidf", "", {})),
        ("timm/a.b_c", ("timm", "a.b_c", {})),
        ("words//data/glove 25d.txt", ("words", "/data/glove 25d.txt", {})),
        ("timm/x?checkpoint=/a+b/w&mean=0.5", ("timm", "x", {"checkpoint": "/a+b/w", "mean": "0.5"})),
        ("words/what?/file.txt", ("words", "what?/file.txt", {})),
        ("timm/x?checkpoint=a%26b", ("timm", "x", {"checkpoint": "a&b"})),
        ("random/timm/x?seed=1", ("random", "timm/x", {"seed": "1"})),
    ],
)  # fmt: skip
def test_names_are_read(name, expected):
    assert parse(name) == expected


def opener(rest: str, *, size: int = 1, rate: float | None = None, on: bool = False, side: int | tuple[int, ...] = 3,
           path: str | None = None) -> None:  # fmt: skip
    """A function with an option of every type."""


def test_options_given_as_text_get_their_types():
    written = {"size": "7", "rate": "1e-3", "on": "true", "side": "3,4,5", "path": "007"}
    assert checked(opener, "x", written) == {"size": 7, "rate": 1e-3, "on": True, "side": (3, 4, 5), "path": "007"}
    assert checked(opener, "x", {"side": "9", "on": "false"}) == {"side": 9, "on": False}
    assert checked(opener, "x", {"side": [1, 2]}) == {"side": (1, 2)}


def test_options_in_the_name_and_beside_it_are_the_same():
    assert open_backbone("conv?size=16&seed=4").describe() == open_backbone("conv", size=16, seed=4).describe()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("tim/resnet18", {}, "Unknown backbone 'tim'. Did you mean 'timm'.*kind/model"),
        ("resnet18", {}, "Known: conv, mlp, model.*kind/model, e.g. timm/resnet18"),
        ("conv?szie=8", {}, "Unknown option of conv 'szie'. Did you mean 'size'"),
        ("conv?size=8", {"size": 16}, "'size' stands in the name"),
        ("conv?size=large", {}, "size='large' is not of the kind"),
        ("conv?size=4", {}, "size 8..96"),
        ("conv/resnet", {}, "'conv' takes options only"),
        ("mlp", {}, "needs the option 'inputs'; write mlp.inputs="),
        ("conv?size", {}, "Unknown backbone 'conv.size'"),
        ("conv?size=8&x", {}, "cannot read the options"),
        ("random", {}, "'random' needs the name of a network"),
        ("random/tfidf", {}, "Unknown network with random weights 'tfidf'"),
        ("raw", {}, "needs the option 'modality'"),
        ("raw/text?modality=text", {}, r"write raw\?modality=text"),
        ("raw?modality=audio", {}, "no form for modality 'audio'"),
        ("sentence", {}, "sentence/all-MiniLM-L6-v2"),
    ],
)
def test_wrong_names_say_what_is_right(name, options, message):
    with pytest.raises((BackboneError, UnknownName), match=message):
        open_backbone(name, **options)


def test_only_text_is_a_name():
    with pytest.raises(BackboneError, match="got a int"):
        open_backbone(3)
