"""Files of numbers are read back as written; archives that lie about their size, and pickles, are refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import dump_svmlight_file

from headstart.data.readers.matrix_file import read_npy, read_npz, read_svmlight
from headstart.data.samples import VectorRows
from headstart.errors import DataError


def test_npz_with_labels_names_and_groups(tmp_path: Path) -> None:
    X = np.arange(6.0).reshape(3, 2)
    np.savez(tmp_path / "a.npz", X=X, y=[1, 0, 1], classes=["no", "yes"], groups=["p", "q", "p"])
    found = read_npz(tmp_path / "a.npz")
    assert np.array_equal(found.items.matrix, X)  # type: ignore[attr-defined]
    assert [found.task.classes[code] for code in found.labels] == ["yes", "no", "yes"]
    assert found.groups == ("p", "q", "p")
    np.savez(tmp_path / "b.npz", X=X)
    assert read_npz(tmp_path / "b.npz").labels.tolist() == [-1, -1, -1]


def test_npy_rows_stay_on_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(4))
    found = read_npy(tmp_path / "a.npy")
    assert isinstance(found.items, VectorRows)
    assert isinstance(found.items.matrix.base, np.memmap)


@pytest.mark.parametrize("zero_based", [True, False])
def test_svmlight_rows_and_signs(tmp_path: Path, zero_based: bool) -> None:
    X = np.array([[1.0, 0, 2], [0, 3, 0]])
    dump_svmlight_file(X, [-1, 1], str(tmp_path / "a.svmlight"), zero_based=zero_based)
    found = read_svmlight(tmp_path / "a.svmlight")
    assert np.array_equal(found.items.matrix.toarray(), X)  # type: ignore[attr-defined]
    assert found.task.classes == ("-1", "1")
    assert found.items.matrix.indices.dtype == np.int32  # type: ignore[attr-defined]


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("executed"),))


def test_objects_inside_are_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    payload = np.array([Evil()], dtype=object)
    np.savez(tmp_path / "a.npz", X=payload)
    np.save(tmp_path / "a.npy", payload)
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Evil()))
    for read, name in ((read_npz, "a.npz"), (read_npy, "a.npy"), (read_npy, "raw.npy")):
        with pytest.raises(DataError, match="pickle"):
            read(tmp_path / name)
    assert not (tmp_path / "executed").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "a.npz", X=np.zeros((1000, 100)))
    monkeypatch.setattr("headstart.data.readers.matrix_file.MAX_UNPACKED", 10_000)
    with pytest.raises(DataError, match=r"would unpack to 800,"):
        read_npz(tmp_path / "a.npz")


def header(shape: tuple[int, ...]) -> bytes:
    target = io.BytesIO()
    np.lib.format.write_array_header_1_0(target, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return target.getvalue()


def test_a_header_that_promises_terabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(header((10**6, 10**6)) + b"\0" * 80)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("X.npy", header((10**6, 10**7)) + b"\0" * 80)
    with pytest.raises(DataError):
        read_npy(tmp_path / "a.npy")
    with pytest.raises(DataError):
        read_npz(tmp_path / "a.npz")


def test_other_keys_are_listed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.eye(2), target=[0, 1])
    with pytest.raises(DataError, match="holds data, target; wanted: X"):
        read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("cut", [10, 100, 200])
def test_truncated_files_are_refused(tmp_path: Path, cut: int) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(10))
    np.save(tmp_path / "a.npy", np.eye(10))
    for read, name in ((read_npz, "a.npz"), (read_npy, "a.npy")):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
        with pytest.raises(DataError):
            read(tmp_path / name)


def test_broken_svmlight_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.svmlight").write_text("1 0:1 2:x\n")
    with pytest.raises(DataError, match="no svmlight"):
        read_svmlight(tmp_path / "a.svmlight")


def test_dense_and_sparse_agree(tmp_path: Path) -> None:
    X = sparse.random(20, 5, density=0.4, random_state=0).toarray()
    y = np.arange(20) % 2
    dump_svmlight_file(X, y, str(tmp_path / "a.svmlight"), zero_based=True)
    np.savez(tmp_path / "a.npz", X=X, y=y)
    loose, dense = read_svmlight(tmp_path / "a.svmlight"), read_npz(tmp_path / "a.npz")
    assert np.array_equal(loose.labels, dense.labels)
    assert np.allclose(loose.items.matrix.toarray(), dense.items.matrix)  # type: ignore[attr-defined]
