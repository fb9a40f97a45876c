"""The model card: front matter that YAML reads, Markdown that names cannot break."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.card import model_card
from headstart.reports.page import render
from headstart.results import Interval
from headstart.strategies.findings import Findings, Mixing, Share

yaml = pytest.importorskip("yaml", reason="PyYAML reads the front matter back")


def parts(card: str) -> tuple[dict[str, Any], str]:
    _, front, body = card.split("---\n", 2)
    return yaml.safe_load(front), body


def test_the_front_matter_says_what_hubs_ask_for(photos: Findings) -> None:
    front, _ = parts(model_card(photos, license="Apache-2.0"))
    assert front["library_name"] == "headstart" and front["license"] == "apache-2.0"
    assert front["pipeline_tag"] == "image-classification" and "transfer-learning" in front["tags"]
    metrics = front["model-index"][0]["results"][0]["metrics"]
    interval = photos.chosen.held_out.interval
    assert [m["value"] for m in metrics] == pytest.approx([interval.value, interval.low, interval.high], abs=1e-4)


def test_the_body_says_use_data_results_limits(reviews: Findings) -> None:
    _, body = parts(model_card(reviews))
    headings = re.findall(r"^## (.*)$", body, flags=re.MULTILINE)
    assert headings == ["Model", "Intended use", "Data", "Results", "Limits", "How to repeat it"]
    assert "negative, positive" in body and "unknown" in body
    assert "No sample was held out" in body


def test_the_licence_is_inherited_and_said(photos: Findings) -> None:
    assert "Licence, inherited from the backbone's weights: CC-BY-NC-4.0" in model_card(photos, license="CC-BY-NC-4.0")


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=60))
def test_any_title_survives_yaml(photos: Findings, text: str) -> None:
    front, body = parts(model_card(replace(photos, title=text, classes=(text,) * 5), license=text))
    assert isinstance(front["model-index"][0]["name"], str) and isinstance(front["license"], str)
    assert re.findall(r"^## .*$", body, flags=re.MULTILINE) == re.findall(
        r"^## .*$", parts(model_card(photos))[1], flags=re.MULTILINE
    )


def test_names_cannot_become_markup(photos: Findings) -> None:
    evil = "<img src=x> [a](javascript:b) | **c** `d`\n# e"
    findings = replace(
        photos, title=evil, verdict=evil, classes=(evil,) * 5, notes=(evil,), source=evil,
        entries=tuple(replace(entry, name=evil, layer=evil) for entry in photos.entries),
        repeat={"command": "x ```\n# not a heading", "seed": 0},
    )  # fmt: skip
    _, body = parts(model_card(findings))
    prose, _, block = body.partition("## How to repeat it")
    assert "<img" not in prose and "](" not in prose.replace("\\](", "") and "\n# e" not in prose
    bars = {len(re.findall(r"(?<!\\)\|", line)) for line in prose.splitlines() if line.startswith("|")}
    assert bars == {6}
    assert block.strip().startswith("````console") and block.strip().endswith("````")


def test_without_a_kept_model_the_card_still_says_so(photos: Findings) -> None:
    front, body = parts(model_card(replace(photos, entries=photos.entries[1:])))
    assert "model-index" not in front and "No model was kept." in body


def test_a_mixture_is_shown_with_its_weights_on_card_and_page(photos: Findings) -> None:
    evil = "<b>net</b> | x"
    shares = (Share(name="net", kind="frozen features", weight=0.7, bytes=14_000_000),
              Share(name=evil, kind="from scratch", weight=0.3, bytes=2_000))  # fmt: skip
    mixing = Mixing(shares=shares, gain=Interval(0.05, 0.01, 0.09), maps=2, bytes=14_002_000)
    card, page = (show(replace(photos, mixing=mixing)) for show in (model_card, render))
    assert "| net | frozen features | 0.70 | 14.0 MB |" in card
    assert 'id="mixture"' in page and "0.30" in page and "2.0 kB" in page
    assert "<b>net" not in card and "<b>net" not in page
    assert "## Mixture" not in model_card(photos) and 'id="mixture"' not in render(photos)
