"""The part above a cut gives what the whole gives, and knows whose weights it holds."""

from __future__ import annotations

import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.backbones.parts import part_above
from headstart.errors import BackboneError


def test_part_above_every_layer_completes_the_network(tiny, batch) -> None:
    with torch.no_grad():
        whole = tiny.embed(batch, ["pool"])["pool"]
        for layer in (None, "low", "high"):
            part = part_above(tiny, layer)
            given = batch if layer is None else tiny.cut(layer)[0](batch)
            assert torch.allclose(part.module.eval()(given), whole, atol=1e-5)


@pytest.mark.parametrize("layer", [None, "blocks.2", "blocks.5"])
def test_names_lead_to_the_same_weights_in_a_traced_network(mobilenet, layer) -> None:
    part, state = part_above(mobilenet, layer), mobilenet.module.state_dict()
    own = part.state()
    assert own and all(torch.equal(own[name], state[name]) for name in own)
    assert set(part.names) == set(part.module.state_dict())


def test_names_lead_to_the_same_weights_where_blocks_are_counted_anew(minilm) -> None:
    part, state = part_above(minilm, "block3"), minilm.module.state_dict()
    own = part.state()
    assert all(torch.equal(own[name], state[name]) for name in own)
    assert any(".layer.5." in name for name in own) and not any(".layer.3." in name for name in own)


def test_nothing_is_above_the_last_layer_and_the_classifier_is_no_part() -> None:
    conv = open_backbone("conv")
    assert not part_above(conv, "pool").names
    assert not any(name.startswith("classifier") for name in part_above(conv, None).names.values())


def test_a_part_is_a_copy(tiny) -> None:
    part = part_above(tiny, "low")
    with torch.no_grad():
        for weight in part.module.parameters():
            weight.add_(1)
    tiny.check_unmoved()


def test_an_unknown_layer_is_named(tiny) -> None:
    with pytest.raises(BackboneError, match="Did you mean 'high'"):
        part_above(tiny, "hihg")
