"""Frozen features and a head on top: transfer "off the shelf" (Razavian et al., CVPR workshops 2014)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from headstart.arrays import Matrix, Rows
from headstart.backbones.backbone import Backbone
from headstart.features.extraction import Features, extract
from headstart.features.store import Store
from headstart.heads.selection import HeadChoice, choose_head
from headstart.models.feature_map import FeatureMap
from headstart.strategies.findings import Kind
from headstart.strategies.ground import Evaluated, Ground

WIDEST = 4096  # columns of concatenated layers: wider ones cost more in every head than they ever gained


def evaluate_backbone(
    ground: Ground,
    backbone: Backbone,
    *,
    store: Store,
    layers: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    kind: Kind = "frozen features",
    progress: bool = False,
) -> list[Evaluated]:
    """Score a backbone's last layer, and its layers concatenated, with the head that suits each best.

    `layers` names one set of layers to take together instead. A backbone that must learn first (tf-idf's vocabulary)
    learns from training and unlabelled rows, never from held-out ones.
    """
    started = time.perf_counter()
    if backbone.learned_from is not None:
        backbone = fitted_without_test(backbone, ground)
    sets = [tuple(layers)] if layers else layer_sets(backbone)
    wanted = tuple(dict.fromkeys(layer for group in sets for layer in group))
    blocks = extract(ground.dataset, backbone, layers=wanted, store=store, progress=progress)
    extraction_seconds = time.perf_counter() - started
    entries = []
    for group in narrow_enough(sets, blocks):
        feature_map = FeatureMap(backbone, group).scaled_on(blocks, ground.train)
        entries.append(
            evaluate_matrix(
                ground, feature_map.joined(blocks), feature_map, heads=heads, kind=kind, seconds=extraction_seconds
            )
        )
    return entries


def evaluate_matrix(
    ground: Ground, X: Any, feature_map: FeatureMap, *, heads: Sequence[str] | None, kind: Kind, seconds: float
) -> Evaluated:
    """Choose the head on the folds, refit it on all training rows, predict the held-out ones."""
    started = time.perf_counter()
    labels = ground.labels
    choice = choose_head(
        X[ground.train], labels[ground.train], ground.local_folds, names=heads, n_classes=ground.n_classes,
        seed=ground.seed,
    )  # fmt: skip
    head = clone(choice.head).fit(X[ground.train], labels[ground.train])

    def refit(fit: Rows, score: Rows) -> Matrix:
        again = clone(choice.head).fit(X[fit], labels[fit])
        return aligned_proba(again, X[score], ground.n_classes)

    return Evaluated(
        name=f"{feature_map.name} · {choice.name}",
        kind=kind,
        validation=choice.proba,
        runs=choice.runs,
        test=aligned_proba(head, X[ground.test], ground.n_classes),
        map=feature_map,
        head=head,
        head_name=choice.name,
        cost=(weights_of(feature_map.backbone), len(feature_map.layers), X.shape[1]),
        seconds=seconds + time.perf_counter() - started,
        bytes=weights_of(feature_map.backbone) + head_bytes(head),
        note=note_of(choice),
        refit=refit,
    )


def fitted_without_test(backbone: Backbone, ground: Ground) -> Backbone:
    """The backbone after learning (without labels) from every row that is not held out."""
    held_out = np.zeros(len(ground.dataset), dtype=bool)
    held_out[ground.test] = True
    return backbone.fitted(ground.dataset.take(~held_out).items)  # type: ignore[attr-defined]


def layer_sets(backbone: Backbone) -> list[tuple[str, ...]]:
    """The last layer alone, and all layers together where there are several."""
    last = backbone.layers[-1:]
    return [last] if len(backbone.layers) == 1 or backbone.sparse else [last, backbone.layers]


def narrow_enough(sets: list[tuple[str, ...]], blocks: dict[str, Features]) -> list[tuple[str, ...]]:
    """Concatenations cut from the input side until they fit; those that shrink to one layer are dropped."""
    kept: list[tuple[str, ...]] = []
    for group in sets:
        widths = np.array([blocks[layer].X.shape[1] for layer in group])
        total_from_here = widths[::-1].cumsum()[::-1]
        fitting = tuple(layer for layer, total in zip(group, total_from_here, strict=True) if total <= WIDEST)
        fitting = fitting or group[-1:]
        if fitting not in kept:
            kept.append(fitting)
    return kept


def aligned_proba(head: Any, X: Any, n_classes: int) -> Matrix:
    """Probabilities with one column per class of the task, 0 for classes the head never saw."""
    proba = np.zeros((X.shape[0], n_classes))
    if X.shape[0]:
        proba[:, head.classes_] = head.predict_proba(X)
    return proba


def weights_of(backbone: Backbone) -> int:
    """Bytes of the network's weights; 0 for maps without any."""
    module = getattr(backbone, "module", None)
    if module is None:
        return sum(tensor.nbytes for tensor in backbone.state().values())
    return sum(tensor.nbytes for tensor in module.state_dict().values())


def head_bytes(head: Any) -> int:
    return sum(value.nbytes for value in vars(head).values() if isinstance(value, np.ndarray))


def note_of(choice: HeadChoice) -> str:
    return getattr(choice, "note", "")
