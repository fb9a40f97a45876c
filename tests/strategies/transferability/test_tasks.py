import numpy as np
import pytest
from tests.strategies.worlds import blobs

from headstart.errors import DataError
from headstart.strategies.transferability.tasks import halves, study_task


@pytest.mark.parametrize("classes", [4, 5, 9])
def test_halves_share_no_class_and_lose_no_row(classes):
    whole = blobs(20 * classes, classes=classes)
    first, second = halves(whole, seed=3)
    assert set(first.task.classes) | set(second.task.classes) == set(whole.task.classes)
    assert not set(first.task.classes) & set(second.task.classes)
    assert first.task.n_classes - second.task.n_classes in (0, 1)
    assert sorted((*first.ids, *second.ids)) == sorted(whole.ids)
    names = dict(zip(whole.ids, whole.labels, strict=True))
    for half in (first, second):
        for row, label in zip(half.ids, half.labels, strict=True):
            assert half.task.classes[label] == whole.task.classes[names[row]]


def test_the_seed_decides():
    whole = blobs(100, classes=6)
    lots = {halves(whole, seed=seed)[0].task.classes for seed in range(8)}
    assert len(lots) > 2
    assert halves(whole, seed=1)[0].task == halves(whole, seed=1)[0].task


def test_three_classes_are_too_few():
    with pytest.raises(DataError, match=r"has 3.*--from.*--backbone"):
        halves(blobs(60, classes=3), seed=0)


@pytest.mark.parametrize("n", [40, 400])
def test_held_out_rows_teach_nothing(n):
    task = study_task(blobs(n, classes=2), seed=0)
    assert len(task.test)
    assert not set(task.train) & set(task.test)
    assert len(np.unique(task.dataset.labels[task.train])) == 2


def test_a_long_list_of_classes_is_cut():
    name = study_task(blobs(200, classes=8), seed=0).name
    assert name == "blobs: class 0, class 1, class 2, class 3, class 4 and 3 more"
