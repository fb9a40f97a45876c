"""N-LEEP: clusters that are the classes know everything, and what the mixture overfits is taken off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from headstart.selection.labelled import LabelledFeatures
from headstart.selection.leep import leep
from headstart.selection.nleep import NLEEP

Builder = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_clusters_that_are_the_classes_know_everything(world: Builder) -> None:
    X, y = world(150, 5, 3, apart=40)
    assert NLEEP(above_chance=False).measure(LabelledFeatures.of(X, y)).value == pytest.approx(0, abs=1e-3)


def test_overfits_noise_less_than_published(world: Builder) -> None:
    X, y = world(100, 60, 5, apart=0)
    features = LabelledFeatures.of(X, y)
    nothing = leep(np.ones((100, 1)), y).mean()
    published = NLEEP(above_chance=False).measure(features).value
    assert published > nothing
    assert abs(NLEEP().measure(features).value) < published - nothing
