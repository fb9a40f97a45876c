"""Source rows that look like nothing in the target lose their say."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.feature.joint_matching import JointMatching, row_penalties
from headstart.heads.lda import LDA

from ..worlds import same


def test_penalties_are_the_formula_up_to_their_unit() -> None:
    W = np.array([[3.0, 4.0], [0.3, 0.4], [1.0, 0.0]])
    found = row_penalties(W, 2)
    assert found[2] == 1
    np.testing.assert_allclose(found[1] / found[0], 10.0)  # 1 / (2 |w|)


def test_strange_source_rows_are_penalised() -> None:
    pair = same(80)
    rng = np.random.default_rng(0)
    odd = rng.normal(size=(10, 5)) * 0.3 + 30
    adapter = JointMatching(components=4, head=LDA())
    adapter.fit(np.vstack([pair.Xs, odd]), np.append(pair.ys, rng.integers(0, 3, 10)), pair.Xt)
    assert adapter.converged_
    assert (adapter.predict(pair.Xt) == pair.yt).mean() > 0.85
