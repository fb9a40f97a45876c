"""Features say what they are."""

from __future__ import annotations

import numpy as np

from headstart.features.matrix import Features


def test_a_line_for_people():
    features = Features(
        X=np.zeros((4, 3), np.float32),
        layer="last",
        backbone="net",
        fingerprint="ab",
        computed=1,
        reused=3,
        seconds=0.25,
    )
    assert str(features) == "net · last: 4 × 3, 1 computed, 3 reused, 0.2 s" and len(features) == 4
