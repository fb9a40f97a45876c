"""The classifier on top of rows that a method has moved: as strong a penalty as the source can bear.

Moved rows are easier to fit than any that will come, for the map was made with them: held-out rows of the source then
call for far too weak a penalty. Rows that stay where they are keep the penalty that fits best, and so does whatever has
target labels to fit.
"""

from __future__ import annotations

from headstart.heads.logistic import Logistic

STEPS = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)  # multiples of the scatter's mean eigenvalue
FORGONE = 0.2  # of what held-out rows of the source say that it knows
ROWS = 3.0  # beyond the steps, where a few rows weigh more than these: words, with more columns than rows


def travelling_head() -> Logistic:
    """Softmax regression under the strongest penalty that gives up no more than a fifth of its accuracy, beyond
    that of naming the commonest class, on source rows held out; up to the weight of three rows, where that is more, if
    it gives up no more than a tenth."""
    return Logistic(steps=STEPS, forgone=FORGONE, rows=ROWS)
