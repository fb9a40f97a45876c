"""Networks in integers: as far from float32 as they say, the same in any batch and after saving, never by accident."""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys

import numpy as np
import pytest
import torch
from torch import nn

from headstart.backbones.opening import open_backbone
from headstart.backbones.quantised import MOST, QuantisedBackbone, _apart, in_precision
from headstart.errors import BackboneError, DataError, MissingExtra, UnknownName

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
missing = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)} (extra onnx)")


def deep_network(*, seed: int) -> nn.Sequential:
    """Five convolutions, so that some are left to be quantised."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        widths = (3, 6, 8, 8, 12, 16)
        blocks = [
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))
            for a, b in itertools.pairwise(widths)
        ]
        return nn.Sequential(*blocks, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))


@pytest.fixture(scope="module")
def items():
    return list(3 * np.random.default_rng(0).normal(size=(20, 3, 10, 10)).astype(np.float32) + 1)


@pytest.fixture(scope="module")
def make(wrap):
    """A float32 network; equal seeds give equal ones."""
    layers = {"middle": "2", "late": "4", "pool": "5"}
    return lambda seed=0: wrap(deep_network(seed=seed), layers=layers, name="deep")


@pytest.fixture(scope="module")
def fitted(make, items):
    return in_precision(make(), "int8").fitted(items)


def batch_of(items):
    return torch.from_numpy(np.stack(items))


def rows(backbone, batch):
    return {layer: values.numpy() for layer, values in backbone.embed(batch, backbone.layers).items()}


def test_the_drift_it_reports_is_the_drift_it_has(make, items, fitted):
    _, held_back = _apart(len(items))
    batch = batch_of([items[row] for row in held_back])
    exact, found = rows(make(), batch), rows(fitted, batch)
    for layer in fitted.layers:
        a, b = exact[layer].astype(np.float64), found[layer].astype(np.float64)
        cosines = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
        assert fitted.drift[layer]["lowest"] == pytest.approx(cosines.min(), abs=2e-6)
        assert fitted.drift[layer]["mean"] == pytest.approx(cosines.mean(), abs=2e-6)
        assert cosines.min() > 0.9
    assert not np.array_equal(exact["pool"], found["pool"])  # some of it runs in integers
    assert fitted.drift["pool"]["mean"] < 1


def test_the_sentence_for_the_report_holds_the_numbers(fitted):
    (note,) = fitted.notes
    for number in (fitted.drift["pool"]["mean"], fitted.drift["pool"]["lowest"]):
        assert f"{number:.4f}" in note
    assert "calibrated on 15 pictures; on 5 others" in note and "deep?precision=int8" in note


@pytest.mark.parametrize("n", [2, 3, 4, 20, 64, 65, 1000])
def test_pictures_to_learn_from_and_to_compare_on_are_apart(n):
    learn, compare = _apart(n)
    assert len(learn) + len(compare) == len({*learn, *compare}) == min(n, MOST)
    assert len(compare) == -(-min(n, MOST) // 4)
    assert {*learn, *compare} <= set(range(n)) and {0, n - 1} <= {*learn, *compare}


def test_pictures_that_are_not_looked_at_change_nothing(make, items):
    many = [items[row % len(items)] for row in range(200)]
    looked_at = {row for part in _apart(200) for row in part}
    changed = [item if row in looked_at else item * 50 for row, item in enumerate(many)]
    one, two = (in_precision(make(), "int8").fitted(given) for given in (many, changed))
    assert one.fingerprint == two.fingerprint


def test_a_row_is_the_same_alone_and_among_others(fitted, items):
    seven = rows(fitted, batch_of(items[:7]))
    for at in range(7):
        alone = rows(fitted, batch_of(items[at : at + 1]))
        assert all(np.array_equal(alone[layer][0], seven[layer][at]) for layer in fitted.layers)


def test_positions_and_maxima_come_from_the_same_maps(fitted, items):
    batch = batch_of(items[:3])
    maps = fitted.embed(batch, ["late"], pooling="none")["late"]
    assert maps.shape == (3, 16, 10, 10)
    assert torch.equal(fitted.embed(batch, ["late"], pooling="max")["late"], maps.amax((2, 3)))
    assert fitted.embed(batch, []) == {}


def test_it_is_restored_bit_for_bit_and_without_an_export(make, fitted, items, monkeypatch):
    for package in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, package, None)
    restored = in_precision(make(seed=5), "int8").with_state(fitted.state())  # other weights: they do not matter
    batch = batch_of(items)
    assert all(
        np.array_equal(a, b) for a, b in zip(rows(fitted, batch).values(), rows(restored, batch).values(), strict=True)
    )
    assert restored.fingerprint == fitted.fingerprint
    assert (restored.drift, restored.notes) == (fitted.drift, fitted.notes)
    assert restored.learned_from is None and not restored.reopens
    with pytest.raises(BackboneError, match="in integers already"):
        restored.fitted(items)


def test_fingerprints_follow_weights_calibration_and_precision(make, fitted, items):
    again = in_precision(make(), "int8").fitted(items)
    assert again.fingerprint == fitted.fingerprint
    others = [make(), in_precision(make(), "int8"), in_precision(make(seed=1), "int8"), again]
    others += [in_precision(make(), "int8").fitted(items[:10]), in_precision(make(seed=1), "int8").fitted(items)]
    assert len({other.fingerprint for other in others}) == len(others)
    damaged = fitted.state()
    record = json.loads(damaged["record"].numpy().tobytes()) | {"library": "ONNX Runtime 0.0"}
    damaged["record"] = torch.tensor(list(json.dumps(record).encode()), dtype=torch.uint8)
    assert in_precision(make(), "int8").with_state(damaged).fingerprint != fitted.fingerprint


def test_it_has_to_learn_first(make, items):
    backbone = in_precision(make(), "int8")
    assert isinstance(backbone, QuantisedBackbone)
    assert backbone.learned_from == "pictures" and backbone.state() == {} and backbone.notes == ()
    with pytest.raises(BackboneError, match=r"calibrated first.*fitted\(pictures\)"):
        backbone.embed(batch_of(items[:1]), ["pool"])
    for few in ([], items[:1]):
        with pytest.raises(DataError, match=f"at least 2 pictures .* got {len(few)}"):
            backbone.fitted(few)


def test_learning_makes_another_backbone(make, items):
    backbone = in_precision(make(), "int8")
    before = backbone.fingerprint
    assert backbone.fitted(items[:4]) is not backbone
    assert (backbone.fingerprint, backbone.learned_from, backbone.drift) == (before, "pictures", {})


@pytest.mark.parametrize("spoil, message", [
    (lambda state: {"graph": state["graph"]}, "is 'graph' and 'record'"),
    (lambda state: state | {"record": torch.zeros(3, dtype=torch.uint8)}, "record of 'deep.*' is damaged"),
    (lambda state: state | {"graph": state["graph"][:100].clone()}, "does not open this graph"),
])  # fmt: skip
def test_a_state_that_is_not_its_own_is_refused(make, fitted, spoil, message):
    with pytest.raises(BackboneError, match=message):
        in_precision(make(), "int8").with_state(spoil(fitted.state()))


def test_the_state_of_a_network_with_other_layers_is_refused(make, wrap, fitted):
    other = wrap(deep_network(seed=0), layers={"early": "1", "pool": "5"})
    with pytest.raises(BackboneError, match="layers are middle, late, pool"):
        in_precision(other, "int8").with_state(fitted.state())


def test_float32_is_the_network_itself(make):
    network = make()
    assert in_precision(network, "float32") is network


def test_what_it_cannot_do_is_said(make, wrap):
    with pytest.raises(BackboneError, match="unknown precision 'int4'; known: float32, int8"):
        in_precision(make(), "int4")
    with pytest.raises(BackboneError, match="is for picture networks; 'tiny' reads texts"):
        in_precision(wrap(deep_network(seed=0), layers={"pool": "5"}, modality="text"), "int8")
    with pytest.raises(BackboneError, match="sentence encoders compute in float32 only"):
        open_backbone("sentence/all-MiniLM-L6-v2?precision=int8")
    with pytest.raises(UnknownName, match="precision"):
        open_backbone("conv?precision=int8")
    with pytest.raises(BackboneError, match="cannot be cut"):
        in_precision(make(), "int8").cut("pool")


def test_a_missing_package_is_named(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtra, match=r"pip install 'headstart\[onnx\]'"):
        in_precision(make(), "int8")


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
def test_never_unasked():
    assert open_backbone("timm/resnet10t?seed=0&input_size=32").learned_from is None
    assert open_backbone("random/timm/resnet10t?input_size=32&precision=int8").learned_from is None
    asked = open_backbone("timm/resnet10t?seed=0&input_size=32&precision=int8")
    assert asked.learned_from == "pictures" and asked.name == "timm/resnet10t?precision=int8"
