import pytest
import torch
from tests.strategies.transferability.worlds import small_blueprint

from headstart.backbones.conv import open_conv
from headstart.backbones.opening import open_backbone
from headstart.backbones.torchvision_shim import make_torchvision_importable
from headstart.errors import BackboneError
from headstart.strategies.transferability.blueprint import Blueprint, body_of
from headstart.training.freezing import state_digest


def blueprints():
    return [small_blueprint(), Blueprint(open_conv(size=8, channels=1, width=4))]


@pytest.mark.parametrize("blueprint", blueprints(), ids=["mlp", "conv"])
def test_two_halves_are_the_whole(blueprint):
    network = blueprint.fresh(3, seed=1).eval()
    batch = blueprint.backbone.preparation.example()
    for layer in blueprint.layers:
        below, above = blueprint.halves(network, layer)
        assert torch.allclose(above.eval()(below.eval()(batch)), network(batch), atol=1e-6)


def test_a_network_with_skip_connections_is_cut_between_its_stages():
    make_torchvision_importable()
    pytest.importorskip("timm")
    blueprint = Blueprint(open_backbone("random/timm/test_resnet", input_size=32))
    network = blueprint.fresh(2, seed=0).eval()
    batch = blueprint.backbone.preparation.example()
    below, above = blueprint.halves(network, blueprint.cuts()[1])
    assert torch.allclose(above.eval()(below.eval()(batch)), network(batch), atol=1e-5)


@pytest.mark.parametrize("blueprint", blueprints(), ids=["mlp", "conv"])
def test_the_body_depends_on_the_seed_and_not_on_the_classes(blueprint):
    bodies = [blueprint.fresh(classes, seed=seed).get_submodule("body") for classes, seed in ((2, 0), (7, 0), (2, 1))]
    digests = [state_digest(body) for body in bodies]
    assert digests[0] == digests[1] != digests[2]


def test_layers_without_weights_of_their_own_are_no_cuts():
    assert Blueprint(open_conv(size=8, channels=1, width=4)).cuts() == ("stage1", "stage2", "stage3")
    assert small_blueprint().cuts() == ("layer1", "layer2", "pool")


def test_the_digest_names_the_shape_and_not_the_weights():
    assert small_blueprint(seed=0).digest == small_blueprint(seed=1).digest
    assert small_blueprint().digest != Blueprint(open_conv(size=8)).digest


def test_halves_and_bodies_are_copies():
    blueprint = small_blueprint()
    network = blueprint.fresh(2, seed=0)
    before = state_digest(network)
    below, above = blueprint.halves(network, "layer1")
    with torch.no_grad():
        for part in (below, above, body_of(blueprint.backbone)):
            for parameter in part.parameters():
                parameter.zero_()
    assert state_digest(network) == before
    blueprint.backbone.check_unmoved()


def test_what_has_no_random_twin_is_refused():
    backbone = open_conv(size=8)
    backbone.architecture = ("conv", {"size": 8})
    with pytest.raises(BackboneError, match="no untrained twin"):
        Blueprint(backbone).fresh(2, seed=0)
