"""Extraction gives each row its own features, in order, computing each content once and losing nothing computed."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from headstart.backbones.opening import open_backbone
from headstart.backbones.speed import torch_threads
from headstart.data.samples import digest
from headstart.errors import DataError, StoreError, UnknownName
from headstart.features.extraction import extract
from headstart.features.store import Store

WORDS = [f"text {'x' * (7 * n % 13)} {n}" for n in range(40)]


def rounded(backbone, items, layer="last"):
    """An independent computation: one row at a time, rounded as the store rounds."""
    return np.stack([backbone.expected(item, layer).astype(np.float16).astype(np.float32) for item in items])


def test_rows_are_right_and_the_second_run_computes_nothing(counting, dataset_of, store):
    backbone = counting()
    fresh = extract(dataset_of(WORDS), backbone, store=store, batch_size=8)["last"]
    np.testing.assert_array_equal(fresh.X, rounded(backbone, WORDS))
    assert (fresh.computed, fresh.reused, backbone.rows) == (40, 0, 40)
    assert "nothing of counting was stored yet" in fresh.missing

    stored = extract(dataset_of(WORDS), backbone, store=Store(store.root), batch_size=8)["last"]
    np.testing.assert_array_equal(stored.X, fresh.X)
    assert (stored.computed, stored.reused, backbone.rows, stored.missing) == (0, 40, 40, "")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(st.integers(0, 20), min_size=1),
    second=st.lists(st.integers(0, 30), min_size=1),
    size=st.integers(1, 9),
)
def test_any_order_any_duplicates_each_content_once(first, second, size, counting, dataset_of, tmp_path_factory):
    store, backbone = Store(tmp_path_factory.mktemp("s")), counting()
    for numbers in (first, second):
        items = [WORDS[n] for n in numbers]
        features = extract(dataset_of(items), backbone, store=store, batch_size=size, threads=1)["last"]
        np.testing.assert_array_equal(features.X, rounded(backbone, items))
        assert features.computed + features.reused == len(items)
    assert backbone.rows == len({*first, *second})
    assert max(batch for batch, _ in backbone.passes) <= size


def test_several_layers_take_one_pass_and_only_what_each_lacks(counting, dataset_of, store):
    backbone = counting()
    extract(dataset_of(WORDS[:10]), backbone, layers=["last"], store=store)
    both = extract(dataset_of(WORDS), backbone, layers=["low", "last"], store=store, batch_size=64)
    assert {layer: block.computed for layer, block in both.items()} == {"low": 40, "last": 30}
    assert backbone.passes == [(10, ("last",)), (40, ("low", "last"))]
    for layer, block in both.items():
        np.testing.assert_array_equal(block.X, rounded(backbone, WORDS, layer))


def test_ten_new_files_are_ten_new_rows_and_paths_do_not_matter(counting, dataset_of, store, tmp_path):
    def files(folder, numbers):
        (tmp_path / folder).mkdir()
        paths = [tmp_path / folder / f"{n}.txt" for n in numbers]
        for n, path in zip(numbers, paths, strict=True):
            path.write_text(WORDS[n])
        return paths

    backbone = counting()
    extract(dataset_of(files("a", range(20))), backbone, store=store)
    moved = extract(dataset_of(files("b", range(30))), backbone, store=store)["last"]
    assert (moved.computed, moved.reused, backbone.rows) == (10, 20, 30)
    np.testing.assert_array_equal(moved.X, rounded(backbone, WORDS[:30]))


def test_changed_weights_never_give_stale_rows_and_the_miss_says_why(counting, dataset_of, store):
    old, new = counting(), counting(scale=2.0)
    extract(dataset_of(WORDS), old, store=store)
    features = extract(dataset_of(WORDS), new, store=store)["last"]
    np.testing.assert_array_equal(features.X, rounded(new, WORDS))
    assert features.computed == 40
    assert "weights or preprocessing changed: the store holds 40 rows of counting" in features.missing
    assert old.fingerprint[:8] in features.missing and new.fingerprint[:8] in features.missing


def test_single_precision_is_exact(counting, dataset_of, store):
    backbone = counting()
    X = extract(dataset_of(WORDS), backbone, store=store, dtype="float32")["last"].X
    np.testing.assert_array_equal(X, np.stack([backbone.expected(word) for word in WORDS]))


def test_values_outside_half_precision_lose_nothing(counting, dataset_of, store):
    backbone, items = counting(), ["huge one", "plain", "tiny one"]
    X = extract(dataset_of(items), backbone, store=store)["last"].X
    for row, item in enumerate(items):
        np.testing.assert_allclose(
            X[row], backbone.expected(item), rtol=0, atol=np.abs(backbone.expected(item)).max() / 2048
        )


def test_texts_of_like_length_share_a_batch(counting, dataset_of, store):
    backbone = counting()
    items = [f"{'y' * length}{copy}" for copy in range(4) for length in range(40)]
    extract(dataset_of(items), backbone, store=store, batch_size=8)
    assert sum(max(lengths) - min(lengths) for lengths in backbone.lengths) <= 2 * len(backbone.lengths)


def test_unreadable_samples_are_named_after_all_others_are_kept(counting, dataset_of, store, tmp_path):
    backbone = counting()
    paths = [tmp_path / name for name in ("one", "bad", "gone", "nan", "two", "folder", "twin")]
    for path in paths:
        if path.name == "folder":
            path.mkdir()
        elif path.name != "gone":
            path.write_text({"twin": "bad"}.get(path.name, path.name))
    with pytest.raises(DataError) as caught:
        extract(dataset_of(paths), backbone, store=store, batch_size=2)
    message = str(caught.value)
    assert "5 of 7 samples cannot be used" in message
    for name, reason in [("bad", "cannot be decoded"), ("twin", "cannot be decoded"), ("gone", "missing"),
                         ("folder", "directory"), ("nan", "NaN or infinity for it at layer 'last'")]:  # fmt: skip
        assert any(f"/{name}: " in line and reason in line for line in message.split("\n")), (name, message)
    before = backbone.rows
    good = extract(dataset_of([paths[0], paths[4]]), backbone, store=store)["last"]
    assert (good.computed, backbone.rows) == (0, before)


def test_a_file_that_changes_meanwhile_is_never_stored_under_the_old_key(counting, dataset_of, store, tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    dataset = dataset_of([path])
    known = type(dataset)(**{**vars(dataset), "digests": (digest(path),)})
    path.write_text("after")
    with pytest.raises(DataError, match="changed while it was being used"):
        extract(known, counting(), store=store)
    assert not any(len(shelf) for shelf in store.shelves())


def test_ctrl_c_keeps_what_was_computed_and_stops_the_threads(counting, dataset_of, store):
    backbone = counting()

    def interrupt():
        if len(backbone.passes) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    backbone.before_embed = interrupt  # in the thread of the pass; the signal reaches the main thread
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        extract(dataset_of(WORDS), backbone, store=store, batch_size=5, threads=1)
    assert threading.active_count() == before
    again = counting()
    features = extract(dataset_of(WORDS), again, store=store, batch_size=5)["last"]
    in_flight = 2 * 5  # the pass that ran and the one that waited to be taken
    assert backbone.rows < 40 and 5 <= 40 - again.rows <= backbone.rows <= 40 - again.rows + in_flight
    np.testing.assert_array_equal(features.X, rounded(again, WORDS))


def test_an_error_of_the_network_keeps_what_was_computed(counting, dataset_of, store):
    backbone = counting()

    def fail():
        if len(backbone.passes) == 3:
            raise RuntimeError("out of memory")

    backbone.before_embed = fail
    with pytest.raises(RuntimeError, match="out of memory"):
        extract(dataset_of(WORDS), backbone, store=store, batch_size=5)
    again = counting()
    extract(dataset_of(WORDS), again, store=store)
    assert again.rows == 25


def test_an_unwritable_store_is_said_before_anything_is_computed(counting, dataset_of, tmp_path):
    (tmp_path / "file").write_text("in the way")
    backbone = counting()
    with pytest.raises(StoreError, match="cannot be written"):
        extract(dataset_of(WORDS), backbone, store=Store(tmp_path / "file"))
    assert backbone.rows == 0


def test_backbones_that_are_not_stored_leave_no_trace(counting, dataset_of, store):
    backbone = counting()
    backbone.stored = False
    features = extract(dataset_of(WORDS), backbone, store=store, batch_size=7)["last"]
    np.testing.assert_array_equal(features.X, np.stack([backbone.expected(word) for word in WORDS]))
    assert (features.computed, features.reused) == (40, 0)
    assert not store.root.exists()


def test_sparse_backbones_give_sparse_rows_in_order(counting, dataset_of, store):
    class Sparse(counting):
        sparse = True

        def embed(self, batch, layers, *, pooling="mean"):
            return {name: sparse.csr_matrix(X.numpy()) for name, X in super().embed(batch, layers).items()}

    backbone = Sparse()
    X = extract(dataset_of(WORDS), backbone, store=store, batch_size=7)["last"].X
    assert sparse.issparse(X) and X.format == "csr"
    np.testing.assert_array_equal(X.toarray(), np.stack([backbone.expected(word) for word in WORDS]))


def test_misuse_says_what_to_do(counting, dataset_of, store):
    dataset = dataset_of(WORDS)
    with pytest.raises(DataError, match="no samples"):
        extract(dataset_of([]), counting(), store=store)
    with pytest.raises(UnknownName, match="Did you mean 'last'"):
        extract(dataset, counting(), layers=["lasst"], store=store)
    with pytest.raises(UnknownName, match="Unknown pooling 'median'"):
        extract(dataset, counting(), pooling="median", store=store)
    with pytest.raises(UnknownName, match="Unknown dtype 'int8'"):
        extract(dataset, counting(), dtype="int8", store=store)
    with pytest.raises(DataError, match="takes text samples, the data are image"):
        extract(dataset_of(WORDS, modality="image"), counting(), store=store)
    with pytest.raises(DataError, match="start at 1"):
        extract(dataset, counting(), store=store, batch_size=-1)


def test_the_default_store_is_the_one_of_the_environment(counting, dataset_of, own_store):
    extract(dataset_of(WORDS[:3]), counting())
    assert len(Store(own_store).shelves()) == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_a_real_network_gives_what_it_gives_one_picture_at_a_time(dataset_of, store, threads):
    backbone = open_backbone("conv?size=16", seed=1)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (20 + n % 5, 24, 3), dtype=np.uint8) for n in range(9)]
    blocks = extract(
        dataset_of(pictures, "image"), backbone, layers=backbone.layers, store=store, batch_size=4, threads=threads
    )
    for layer, block in blocks.items():
        with torch_threads(1):
            alone = [backbone.embed(backbone.collate([backbone.prepare(p)]), [layer])[layer].numpy() for p in pictures]
        np.testing.assert_allclose(block.X, np.concatenate(alone), rtol=2e-3, atol=2e-3)
