"""What training is foretold to give: by experience, by kernels and races where they are worth asking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.backbones.mlp import open_mlp
from headstart.features.store import Store
from headstart.planning.constraints import Constraints
from headstart.planning.costs import NOTHING
from headstart.planning.experience import Lead
from headstart.planning.probing import Sight, probe_frozen, probe_raw
from headstart.planning.rows import probe_rows
from headstart.planning.trained import Mark, Trained, believed, foretell_trained
from headstart.strategies.scratch import Scratch

from .worlds import blobs, foretold, ground_of


def trained(tmp_path: Path, n: int, apart: float, *, drowned: bool = False, racing: bool = False) -> Trained:
    data = blobs(n, classes=2, apart=apart)
    ground = ground_of(data)
    sight = Sight(ground, probe_rows(ground), Store(tmp_path))
    frozen = probe_frozen(sight, open_mlp(inputs=6, width=16), NOTHING)
    raw, _ = probe_raw(sight)
    best = frozen.foretold[-1]
    mark = Mark(best, frozen.matrices[best.option.layers], frozen)
    raw = raw.with_(accuracy=replace(raw.option.accuracy, value=0.3)) if drowned else raw
    run = Scratch(ground.dataset)
    return foretell_trained(sight, run, mark, raw, Constraints(), moves=("last1",), racing=racing)


def test_with_many_labels_experience_speaks_for_fine_tuning(tmp_path: Path) -> None:
    (tuned,) = trained(tmp_path, 200, 2.0).tuned
    assert tuned.known
    assert tuned.lead is not None
    assert tuned.lead.likely


def test_with_few_labels_no_weight_moves(tmp_path: Path) -> None:
    (tuned,) = trained(tmp_path, 20, 2.0).tuned
    assert "too few" in tuned.option.refused
    assert not tuned.known


def test_the_untrained_kernel_is_not_asked_where_the_raw_input_is_hopeless(tmp_path: Path) -> None:
    found = trained(tmp_path, 200, 6.0, drowned=True, racing=True)
    assert "not probed: the raw input is" in found.scratch.option.abstained
    assert not any("untrained" in note for note in found.notes)


def test_a_race_is_run_where_learning_from_nothing_may_lead(tmp_path: Path) -> None:
    scratch = trained(tmp_path, 1400, 2.0, racing=True).scratch
    assert scratch.option.evidence.startswith("race")
    assert scratch.lead is not None


def test_no_race_is_run_on_few_rows(tmp_path: Path) -> None:
    found = trained(tmp_path, 300, 2.0, racing=True)
    assert not found.scratch.option.evidence.startswith("race")
    assert any("no race: on 225 rows" in note for note in found.notes)


def test_what_is_believed_stands_beside_the_best() -> None:
    best = foretold("frozen", np.ones(50) * (np.arange(50) < 40))
    told = believed(foretold("finetune", 0.1), best, Lead(0.05, 0.01), "experience")
    assert told.accuracy == pytest.approx(best.accuracy + 0.05)
    assert told.option.evidence == "experience"
