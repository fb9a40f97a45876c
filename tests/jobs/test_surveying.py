"""A survey tells what is there, what was left out, and how the rows would be split; it changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.reading import read
from headstart.data.splitting import split
from headstart.errors import DataError
from headstart.jobs.surveying import SHOWN, survey


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """40 small pictures of two classes, one copied, one broken, three without a label."""
    rng = np.random.default_rng(0)
    for name, count in (("ants", 20), ("bees", 17), ("unlabelled", 3)):
        (tmp_path / name).mkdir()
        for row in range(count):
            pixels = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{row}.png")
    (tmp_path / "ants" / "copy.png").write_bytes((tmp_path / "ants" / "0.png").read_bytes())
    (tmp_path / "bees" / "broken.png").write_bytes(b"not a picture")
    return tmp_path


def test_everything_is_counted(photos: Path) -> None:
    found = survey(photos)
    assert found.class_counts == {"ants": 21, "bees": 17}
    assert (found.n_samples, found.n_unlabelled) == (41, 3)
    assert [reject.id for reject in found.rejects] == ["bees/broken.png"]
    assert [set(same) for same in found.duplicates] == [{"ants/0.png", "ants/copy.png"}]
    assert found.conflicts == ()


def test_the_page_shows_it_all(photos: Path) -> None:
    page = str(survey(photos))
    for part in ("41 image samples, 38 of them labelled", "21  ants", "left out: 1", "bees/broken.png: ", "split: "):
        assert part in page


def test_the_split_is_the_one_a_transfer_would_use(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "data.npz", X=rng.normal(size=(300, 4)), y=np.arange(300) % 3)
    proposal = survey(tmp_path / "data.npz", test=0.2, seed=3).split
    expected = split(read(tmp_path / "data.npz"), test=0.2, seed=3)
    assert proposal is not None
    assert (proposal.kind, proposal.n_train, proposal.n_test) == (
        expected.kind,
        len(expected.train),
        len(expected.test),
    )
    assert proposal.digest == expected.digest


def test_what_cannot_be_learned_from_is_still_shown(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\ngood,yes\nbetter,yes\nbest,yes\n")
    found = survey(tmp_path / "reviews.csv")
    assert found.split is None
    assert found.class_counts == {"yes": 3}
    assert any("at least two classes" in warning for warning in found.warnings)


def test_long_lists_are_cut_for_people_only(photos: Path) -> None:
    for row in range(SHOWN + 5):
        (photos / "bees" / f"empty{row}.png").write_bytes(b"")
    found = survey(photos)
    assert len(found.rejects) == SHOWN + 6
    assert "… and 6 more" in str(found)


def test_nothing_there_is_an_error_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        survey(tmp_path / "nowhere")
