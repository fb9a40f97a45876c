"""Projected gradients against the gradients themselves, and leave-one-out in their kernel against fitting again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from headstart.backbones.conv import open_conv
from headstart.backbones.mlp import open_mlp
from headstart.backbones.network import NetworkBackbone
from headstart.errors import DataError
from headstart.selection.tangent import parameters_by_layer, tangents, unit_power
from headstart.stats.spectrum import Spectrum


def network() -> NetworkBackbone:
    return open_mlp(inputs=4, width=12, depth=2, seed=1)


def samples(n: int, d: int = 4, seed: int = 0) -> list[torch.Tensor]:
    return list(torch.from_numpy(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)))


def exact(backbone: NetworkBackbone, rows: list[torch.Tensor], direction: torch.Tensor) -> np.ndarray:
    """The gradient of direction · embedding at each row, whole; by torch.func, which shares nothing with our loop."""
    module = backbone.module
    weights = {name: value for name, value in module.named_parameters() if not name.startswith("classifier")}

    def value(weights: dict[str, torch.Tensor], row: torch.Tensor) -> torch.Tensor:
        hidden = module.get_submodule("standardise")(row[None])
        for layer in ("layer1", "pool"):
            linear = {key.removeprefix(f"{layer}.0."): part for key, part in weights.items() if key.startswith(layer)}
            hidden = torch.relu(torch.func.functional_call(module.get_submodule(f"{layer}.0"), linear, (hidden,)))
        return (hidden[0] * direction).sum()

    found = torch.func.vmap(torch.func.grad(value), in_dims=(None, 0))(weights, torch.stack(rows))
    return np.hstack([part.detach().flatten(1).numpy() for part in found.values()]).astype(np.float64)


def test_projections_keep_inner_products(monkeypatch: pytest.MonkeyPatch) -> None:
    backbone, rows = network(), samples(20)
    direction = torch.randn(12, generator=torch.Generator().manual_seed(0)) / 12**0.5
    monkeypatch.setattr("headstart.selection.tangent._direction", lambda width, seed: direction)
    whole = exact(backbone, rows, direction)
    kernels = []
    for seed in range(40):  # another projection each time, the same direction
        found = tangents(backbone, rows, width=61, seed=seed)
        body = np.sum(list(found.blocks.values()), axis=0).astype(np.float64)
        kernels.append(body @ body.T)
    expected = whole @ whole.T
    assert np.abs(np.mean(kernels, axis=0) - expected).max() < 0.1 * np.diag(expected).max()


def test_a_wide_projection_is_the_gradient_itself() -> None:
    """With more columns than weights nothing falls on anything else, and the kernel is exact to rounding."""
    backbone, rows = network(), samples(9)
    direction = torch.randn(12, generator=torch.Generator().manual_seed(0)) / 12**0.5
    whole = exact(backbone, rows, direction)
    found = tangents(backbone, rows, width=10_007)
    blocks = [block.astype(np.float64) for block in found.blocks.values()]
    assert np.allclose(sum(block @ block.T for block in blocks), whole @ whole.T, rtol=1e-4, atol=1e-6)
    layer1 = whole[:, : 4 * 12 + 12]
    assert np.allclose(blocks[0] @ blocks[0].T, layer1 @ layer1.T, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("ridge", [1e-4, 1.0])
def test_leave_one_out_in_the_tangent_kernel_equals_fitting_again(ridge: float) -> None:
    rows = samples(15)
    X = tangents(network(), rows, width=101).above()
    Y = np.eye(3)[np.arange(15) % 3]
    left = Spectrum.of(X).loo_residuals(Y, ridge)
    for row in range(15):
        kept = np.arange(15) != row
        centre, average = X[kept].mean(axis=0), Y[kept].mean(axis=0)
        kernel = (X - centre) @ (X - centre).T
        fit = KernelRidge(alpha=ridge, kernel="precomputed").fit(kernel[np.ix_(kept, kept)], Y[kept] - average)
        predicted = fit.predict(kernel[row : row + 1, kept])[0] + average
        assert np.allclose(Y[row] - predicted, left[row], atol=1e-5)


def test_what_lies_below_the_boundary_has_no_part() -> None:
    backbone, rows = network(), samples(6)
    everything, upper = (
        tangents(backbone, rows, width=10_007),
        tangents(backbone, rows, width=10_007, boundary="layer1"),
    )
    assert list(upper.blocks) == ["pool"]
    a, b = everything.blocks["pool"], upper.blocks["pool"]
    assert np.allclose(a @ a.T, b @ b.T, rtol=1e-4)
    a, b = everything.above("layer1"), upper.above()
    assert np.allclose(a @ a.T, b @ b.T, rtol=1e-4)
    assert everything.above("pool").shape == (6, 12)  # the head alone: the frozen features
    assert sum(everything.shares().values()) == pytest.approx(1)


def test_the_network_stays_as_it_was() -> None:
    backbone = open_conv(size=8, channels=1, width=2)
    before = [parameter.requires_grad for parameter in backbone.module.parameters()]
    pictures = list(torch.randint(0, 255, (3, 8, 8, 1), dtype=torch.uint8))
    first = tangents(backbone, pictures)
    backbone.check_unmoved()
    assert [parameter.requires_grad for parameter in backbone.module.parameters()] == before
    again = tangents(backbone, pictures)
    assert all(np.array_equal(first.blocks[name], again.blocks[name]) for name in first.blocks)
    assert np.allclose(first.embedding, backbone.embed(backbone.collate(pictures), ["pool"])["pool"], atol=1e-5)


def test_each_weight_belongs_to_the_layer_it_runs_up_to() -> None:
    module = torch.nn.ModuleDict(
        {"stem": torch.nn.Linear(2, 3), "first": torch.nn.Linear(3, 3), "neck": torch.nn.Linear(3, 4)}
    )
    found = parameters_by_layer(module, {"first": "first", "pool": ""})
    assert [len(block) for block in found.values()] == [4, 2]  # stem and first; neck
    backbone = network()
    assert list(parameters_by_layer(backbone.module, backbone.paths)) == ["layer1", "pool"]  # no classifier


def test_scaling_makes_parts_alike() -> None:
    X = np.random.default_rng(0).normal(3, 7, size=(50, 4))
    scaled = unit_power(X)
    assert ((scaled - scaled.mean(axis=0)) ** 2).sum(axis=1).mean() == pytest.approx(1)
    assert not unit_power(np.ones((4, 2))).any()


def test_misuse_is_named() -> None:
    with pytest.raises(DataError, match="at least one"):
        tangents(network(), [])
    with pytest.raises(DataError, match="layers: layer1, pool"):
        tangents(network(), samples(2), boundary="layer9")
    with pytest.raises(DataError, match="blocks with weights: layer1, pool"):
        tangents(network(), samples(2)).above("layer9")
