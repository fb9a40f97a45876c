"""Rows from tokens as each pooling defines them; encoders that are not BERT-like are refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from headstart.backbones.sentence_network import SentenceNetwork
from headstart.errors import BackboneError

TOKENS = torch.tensor([[[1.0, 8.0], [3.0, 2.0], [50.0, 50.0]]])
MASK = torch.tensor([[1, 1, 0]])


@pytest.mark.parametrize(("pooled", "expected"), [("mean", [2.0, 5.0]), ("max", [3.0, 8.0]), ("cls", [1.0, 8.0])])
@pytest.mark.parametrize("normalise", [False, True])
def test_rows(pooled, expected, normalise):
    row = SentenceNetwork(nn.Identity(), pooled=pooled, normalise=normalise).row(TOKENS, MASK)[0]
    wanted = torch.tensor(expected)
    torch.testing.assert_close(row, wanted / wanted.norm() if normalise else wanted)


def test_encoders_without_blocks_or_embeddings_are_refused():
    encoder = nn.Module()
    encoder.config = SimpleNamespace(num_hidden_layers=2)
    network = SentenceNetwork(encoder, pooled="mean", normalise=False)
    with pytest.raises(BackboneError, match="no list of 2 blocks"):
        network.blocks_path()
    with pytest.raises(BackboneError, match="no 'embeddings'"):
        network.embeddings_path()
