"""Rows outside what a network has learned from."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import torch

from headstart.backbones.conv import open_conv
from headstart.backbones.mlp import open_mlp
from headstart.backbones.network import NetworkBackbone
from headstart.data.samples import VectorRows
from headstart.planning.support import FOREIGN, outside_share

from .worlds import blobs


def learned(rows: np.ndarray) -> NetworkBackbone:
    network = open_mlp(inputs=rows.shape[1], width=4)
    module = copy.deepcopy(network.module)
    module.standardise.learn(torch.from_numpy(rows.astype(np.float32)))
    return network.with_module(module, reopens=False)


def test_rows_like_those_it_learned_from_are_inside_whatever_the_units() -> None:
    units = np.array([1.0, 1e-6, 1e5, 1.0, 30.0, 1.0])
    first, second = blobs(400, seed=0), blobs(100, seed=0)
    network = learned(first.items.matrix * units)
    near = replace(second, items=VectorRows(second.items.matrix * units))
    far = replace(second, items=VectorRows(second.items.matrix))  # the same in other units
    rows = np.arange(100)
    assert outside_share(network, near, rows) < 0.05 < FOREIGN
    assert outside_share(network, far, rows) > 0.95
    assert outside_share(network, far, rows[:3]) == 1.0


def test_a_column_that_never_moved_betrays_another_source() -> None:
    rng = np.random.default_rng(0)
    source = np.column_stack([rng.normal(size=(300, 5)), np.zeros(300)])
    source[0, 5] = 1e-6
    target = blobs(40, width=6)
    target = replace(target, items=VectorRows(rng.normal(size=(40, 6))))
    assert outside_share(learned(source), target, np.arange(40)) > FOREIGN


def test_what_keeps_no_record_of_its_data_is_not_judged() -> None:
    data = blobs(10)
    assert np.isnan(outside_share(open_mlp(inputs=6), data, np.arange(10))), "it has learned from nothing"
    assert np.isnan(outside_share(open_conv(), data, np.arange(10)))
