import pytest
import torch
from torch import nn

from headstart.errors import TrainingError, UnknownName
from headstart.training.freezing import state_digest
from headstart.training.loop import train
from headstart.training.lora import Adapted, add_adapters, merge_adapters
from headstart.training.schedule import Schedule
from headstart.training.terms.cross_entropy import CrossEntropy


def mlp():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Sequential(nn.Linear(8, 8), nn.ReLU()), nn.Linear(8, 3))


def shaken(model):
    """Adapters that are no longer at their start."""
    random = torch.Generator().manual_seed(5)
    for module in model.modules():
        if isinstance(module, Adapted):
            module.up.data = torch.randn(module.up.shape, generator=random)
    return model


def test_it_begins_as_the_network_itself_and_only_adapters_may_move():
    model, inputs = mlp(), torch.randn(5, 6)
    before = model(inputs)
    assert add_adapters(model, rank=2) == ["0", "2.0", "3"]
    assert torch.equal(model(inputs), before)
    moving = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert moving == {f"{path}.{part}" for path in ("0", "2.0", "3") for part in ("down", "up")}


def test_training_moves_adapters_alone_and_learns(batches):
    model = mlp()
    add_adapters(model, rank=4)
    bases = [state_digest(module.base) for module in model.modules() if isinstance(module, Adapted)]
    steps = list(train(model, batches, objective=CrossEntropy(), schedule=Schedule(steps=150, lr=0.02)))
    assert [state_digest(module.base) for module in model.modules() if isinstance(module, Adapted)] == bases
    assert steps[-1].loss < steps[0].loss / 2


def test_merged_is_the_plain_network_that_computes_the_same():
    model, inputs = mlp(), torch.randn(5, 6)
    names = list(model.state_dict())
    add_adapters(model, rank=2, alpha=3.0)
    adapted = shaken(model)(inputs).detach()
    merge_adapters(model)
    assert list(model.state_dict()) == names
    assert torch.allclose(model(inputs), adapted, atol=1e-5)
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_product_has_the_rank_and_the_scale():
    layer = nn.Linear(7, 5, bias=False)
    adapted = Adapted(layer, rank=2, alpha=6.0, seed=0)
    adapted.up.data.normal_()
    change = (adapted.weight - layer.weight).detach()
    assert torch.linalg.matrix_rank(change) == 2
    assert torch.allclose(change, 3.0 * adapted.up @ adapted.down, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
def test_pointwise_convolutions(stride):
    model = nn.Sequential(nn.Conv2d(3, 5, 1, stride=stride), nn.Conv2d(5, 5, 3), nn.Conv2d(5, 5, 1, groups=5))
    pictures = torch.randn(2, 3, 9, 9)
    assert add_adapters(model, rank=2) == ["0"]
    adapted = shaken(model)(pictures).detach()
    plain = nn.functional.conv2d(pictures, model[0].weight, model[0].bias, stride=stride)
    assert torch.allclose(model[0](pictures), plain, atol=1e-5)
    assert torch.allclose(merge_adapters(model)(pictures), adapted, atol=1e-4)


def test_attention_reads_weights_instead_of_calling_and_is_adapted_all_the_same():
    torch.manual_seed(0)
    model = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True).eval()
    tokens = torch.randn(2, 4, 8)
    assert {"self_attn.out_proj", "linear1", "linear2"} == set(add_adapters(model, rank=2))
    shaken(model)
    with torch.no_grad():
        fast = model(tokens)
    output = model.train()(tokens)
    output.sum().backward()
    assert torch.allclose(output.detach(), fast, atol=1e-5)
    assert model.self_attn.out_proj.up.grad.abs().sum() > 0
    assert torch.allclose(merge_adapters(model).eval()(tokens), fast, atol=1e-5)


def test_where_and_from_which_seed():
    model = mlp()
    assert add_adapters(model, under=["2"]) == ["2.0"]
    one, same, other = mlp(), mlp(), mlp()
    for twin, seed in ((one, 1), (same, 1), (other, 2)):
        add_adapters(twin, seed=seed)
    assert torch.equal(one[0].down, same[0].down)
    assert not torch.equal(one[0].down, other[0].down)
    assert not torch.equal(one[0].down[:, :3], one[3].down[:, :3])


def test_misuse():
    with pytest.raises(UnknownName, match="Unknown layer '7'"):
        add_adapters(mlp(), under=["7"])
    with pytest.raises(TrainingError, match="no linear layer and no 1x1 convolution lies under '1'"):
        add_adapters(mlp(), under=["1"])
    with pytest.raises(ValueError, match="rank"):
        add_adapters(mlp(), rank=0)
