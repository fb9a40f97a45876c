"""Words become weights: what moves, what does not, where the network can be cut between the two."""

from __future__ import annotations

import pytest

from headstart.backbones.opening import open_backbone
from headstart.errors import TrainingError, UnknownName
from headstart.training.moving import WORDS, moving, segments


@pytest.fixture(scope="module")
def conv():
    return open_backbone("conv", size=16)


def test_segments_partition_the_weights_below_the_head(conv) -> None:
    names = [name for part in segments(conv) for name in part.parameters]
    below = [name for name, _ in conv.module.named_parameters() if not name.startswith("classifier")]
    assert sorted(names) == sorted(below) and len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("move", "boundary", "stages"),
    [
        ("last1", "stage2", {"stage3"}),
        ("last2", "stage1", {"stage2", "stage3"}),
        ("stage1", "stage1", {"stage2", "stage3"}),
        ("all", None, {"stage1", "stage2", "stage3"}),
        ("last9", None, {"stage1", "stage2", "stage3"}),
        ("first", None, {"stage1"}),
    ],
)
def test_layers_by_word_and_by_name(conv, move, boundary, stages) -> None:
    found = moving(conv, move, batch_norm="train")
    assert found.boundary == boundary
    assert {name.partition(".")[0] for name in found.parameters} == stages


def test_the_head_alone_moves_nothing_else(conv) -> None:
    found = moving(conv, "head")
    assert found.parameters == () and found.boundary == "pool"


def test_batch_norm_stays_unless_it_is_asked_for(conv) -> None:
    assert all(conv.module.get_parameter(name).ndim > 1 for name in moving(conv, "all").parameters)
    assert any(conv.module.get_parameter(name).ndim == 1 for name in moving(conv, "all", batch_norm="train").parameters)
    norms = moving(conv, "norms").parameters
    assert norms and all(conv.module.get_parameter(name).ndim == 1 for name in norms)
    assert all(name.endswith("bias") for name in moving(conv, "bias").parameters)


def test_depth_counts_layers_from_the_head_down(conv) -> None:
    found = moving(conv, "all")
    by_stage = {name.partition(".")[0]: found.depth(name) for name in found.parameters}
    assert by_stage == {"stage3": 0, "stage2": 1, "stage1": 2}


def test_unknown_words_offer_the_nearest_and_all(conv) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'stage2'") as error:
        moving(conv, "stge2")
    assert all(word in str(error.value) for word in WORDS)
    with pytest.raises(UnknownName, match="batch_norm"):
        moving(conv, "all", batch_norm="melted")


def test_nothing_to_train_is_an_error() -> None:
    with pytest.raises(TrainingError, match="moves nothing"):
        moving(open_backbone("mlp", inputs=3), "norms")
    with pytest.raises(TrainingError, match="moves nothing"):
        moving(open_backbone("conv", size=16), "pool")
    with pytest.raises(TrainingError, match="no weights that could move"):
        moving(open_backbone("raw", modality="vector"), "all")
