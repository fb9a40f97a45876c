"""When a search over heads should leave out those that need an eigendecomposition."""

from __future__ import annotations

MOST_SPARSE = 2_500
MOST_DENSE = 8_000


def too_wide(n: int, d: int, *, sparse: bool) -> str:
    """Why (n, d) rows are not worth decomposing in a search; "" where they are.

    >>> too_wide(10_000, 60_000, sparse=True)
    'needs a dense eigendecomposition of 10,000 x 10,000; skipped beyond 2,500'
    """
    side, most = min(n, d), MOST_SPARSE if sparse else MOST_DENSE
    if side <= most:
        return ""
    return f"needs a dense eigendecomposition of {side:,} x {side:,}; skipped beyond {most:,}"
