"""Tokens and masks."""

from __future__ import annotations

import torch

from headstart.backbones.text_preparation import TextPreparation, clean


def test_batches_are_padded_on_the_right_and_masked():
    preparation = TextPreparation("", max_length=9, pad=7)
    batch = preparation.collate([torch.tensor([1, 2, 3]), torch.tensor([4])])
    assert batch["input_ids"].tolist() == [[1, 2, 3], [4, 7, 7]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_tokenizer_length_and_prompt_are_part_of_the_description():
    settings = [("", 9, ""), ("", 8, ""), ("", 9, "query: ")]
    described = [TextPreparation(text, max_length=n, prompt=p).describe() for text, n, p in settings]
    assert all(one != other for n, one in enumerate(described) for other in described[n + 1 :])


def test_only_lone_surrogates_are_replaced():
    assert clean("näıve 🎉") == "näıve 🎉" and clean("a\ud800b") == "a?b"
