"""When a decomposition is too much for a search."""

from headstart.heads.spectral import MOST_DENSE, MOST_SPARSE, too_wide


def test_the_smaller_side_counts() -> None:
    assert too_wide(1_000_000, MOST_DENSE, sparse=False) == ""
    assert too_wide(MOST_SPARSE, 1_000_000, sparse=True) == ""
    assert f"skipped beyond {MOST_SPARSE:,}" in too_wide(10_000, 60_000, sparse=True)
    assert too_wide(MOST_DENSE + 1, MOST_DENSE + 1, sparse=False)
