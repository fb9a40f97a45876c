"""Time of the adaptation methods: at 2,000 rows per side beside the peers, at 64 columns and at as many as networks
give, and where memory or time would run out."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import resource
import time
import warnings
from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import Any

import numpy as np
from adaptation_pairs import Pair
from adaptation_peers import installed, label
from scipy import linalg, sparse
from sklearn.dummy import DummyClassifier

from headstart.adaptation import ADAPTERS
from headstart.heads.lda import LDA
from headstart.heads.moments import Moments
from headstart.stats.kernels import rbf, squared_distances

Found = dict[str, Any]
OURS_ALONE = ("jda", "manifold", "propagation", "geodesic", "joint_matching", "em_prior", "rulsif", "partial_transport")
WIDE = ("coral", "linear_map", "subspace", "discriminative", "nearest", "unbalanced_transport")
WIDEST = ("coral", "linear_map", "subspace")
GUESSING = ("jda", "manifold", "propagation", "em_prior", "jdot")


def clouds(n: int, d: int, *, seed: int = 0) -> Pair:
    """Ten Gaussian classes; the target's are stretched and moved a little."""
    rng = np.random.default_rng(seed)
    centres, ys, yt = rng.standard_normal((10, d)), rng.integers(0, 10, n), rng.integers(0, 10, n)
    Xs = centres[ys] + 2 * rng.standard_normal((n, d))
    Xt = 1.1 * (centres[yt] + 2 * rng.standard_normal((n, d))) + 0.3
    return Pair(f"{n} x {d}", Xs, ys, Xt, Xt, yt)


def seconds(call: Callable[[], Any], *, budget: float = 1.0) -> float:
    """Processor seconds of one call: the least of as many as fit into the budget, at most 5."""
    gc.collect()
    found: list[float] = []
    while len(found) < 5 and sum(found) < budget:
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
        found.append(time.process_time() - started)
    return min(found)


def times(
    sizes: tuple[int, ...] = (500, 2000), d: int = 64, *, only: Container[str] | None = None
) -> Iterator[tuple[str, str, int, float]]:
    """(our method, who, rows per side, seconds) of the method alone, and, where it is a few products, of these: of all
    of our methods or `only` some.

    The classifier on top knows nothing and costs nothing, except where a method guesses classes with it, which then
    takes an LDA of fixed shrinkage.
    """
    peers = [peer for peer in installed() if only is None or peer[0] in only]
    alone = [name for name in OURS_ALONE if only is None or name in only]
    names = list(dict.fromkeys([*(ours for ours, *_ in peers), *alone]))
    _warmed(names, clouds(60, d))
    for n in sizes:
        pair = clouds(n, d)
        for name in names:
            yield name, "headstart", n, seconds(partial(_ours, name, pair))
        for name in filter(BARE.__contains__, names):
            yield name, NO_LESS, n, seconds(partial(BARE[name], pair))
        for ours, package, name, fit in peers:
            try:
                yield ours, label(package, name), n, seconds(partial(_theirs, ours, fit, pair))
            except Exception as failure:  # a peer that fails is reported, and the rest goes on
                print(f"{label(package, name)} at {n}: {failure!r}"[:200])


def wide_times(
    widths: tuple[int, ...] = (64, 512, 1024), n: int = 2000, *, only: Container[str] | None = None
) -> Iterator[tuple[str, str, int, float]]:
    """(our method, who, columns, seconds) of `WIDE`, `n` rows per side: what `times` asks at 64 columns."""
    for d in widths:
        chosen = [name for name in WIDE if (only is None or name in only) and (d <= 512 or name in WIDEST)]
        for name, who, _, took in times((n,), d, only=chosen):
            yield name, who, d, took


def _bare_coral(pair: Pair) -> None:
    (Xs, Cs), (Xt, Ct) = (_centred(X) for X in (pair.Xs, pair.Xt))
    (low, U), (high, V) = (linalg.eigh(C + np.eye(len(C)), driver="evd", check_finite=False) for C in (Cs, Ct))
    _bare_head(Xs @ ((U / np.sqrt(low)) @ U.T @ (V * np.sqrt(high)) @ V.T), pair, Xt)


def _bare_linear_map(pair: Pair) -> None:
    (Xs, Cs), (Xt, Ct) = (_centred(X) for X in (pair.Xs, pair.Xt))
    L = linalg.cholesky(Cs, lower=True, check_finite=False)
    values, vectors = linalg.eigh(L.T @ Ct @ L, driver="evd", check_finite=False)
    half = linalg.solve_triangular(L, vectors * values**0.25, lower=True, trans="T", check_finite=False)
    _bare_head(Xs @ (half @ half.T), pair, Xt)


def _bare_subspace(pair: Pair) -> None:
    (Xs, Cs), (Xt, Ct) = (_centred(X) for X in (pair.Xs, pair.Xt))
    d = len(Cs)
    few = {"subset_by_index": (d - 40, d - 1)} if d >= 320 else {"driver": "evd"}
    U, V = (linalg.eigh(C, check_finite=False, **few)[1][:, -40:] for C in (Cs, Ct))
    _bare_head(Xs @ (U @ (U.T @ V)), pair, Xt @ V)


def _bare_nearest(pair: Pair) -> None:
    Xs, Xt = pair.Xs.astype(np.float32), pair.Xt.astype(np.float32)
    half, room, found = np.einsum("ij,ij->i", Xs, Xs) / 2, np.empty((250, len(Xs)), dtype=np.float32), []
    for start in range(0, len(Xt), 250):
        part = Xt[start : start + 250]
        scores = np.matmul(part, Xs.T, out=room[: len(part)])
        scores -= half
        found.append(scores.argmax(axis=1))
    _bare_head(Xs, pair, pair.Xt, np.bincount(np.concatenate(found), minlength=len(Xs)))


def _bare_unbalanced(pair: Pair) -> None:
    """Ten iterations, as the peer takes."""
    K = squared_distances(pair.Xs.astype(np.float32), pair.Xt.astype(np.float32))
    K *= -1 / (0.02 * K.max())
    np.exp(K, out=K)
    v = np.ones(K.shape[1], dtype=np.float32)
    for _ in range(10):
        u = (1 / (K @ v)) ** np.float32(0.9)
        v = (1 / (u @ K)) ** np.float32(0.9)
    landed = K @ (v[:, None] * np.c_[np.ones_like(v), pair.Xt].astype(np.float32))
    _bare_head(landed[:, 1:] / landed[:, :1], pair, pair.Xt)


def _centred(X: Any) -> tuple[Any, Any]:
    X = X - X.mean(axis=0)
    return X, X.T @ X / len(X)


def _bare_head(Xs: Any, pair: Pair, Xt: Any, weights: Any = None) -> None:
    DummyClassifier(strategy="prior").fit(Xs, pair.ys, sample_weight=weights).predict(Xt)


NO_LESS = "the products and decompositions alone"
BARE = {"coral": _bare_coral, "linear_map": _bare_linear_map, "subspace": _bare_subspace, "nearest": _bare_nearest,
        "unbalanced_transport": _bare_unbalanced}  # fmt: skip


def _warmed(names: list[str], pair: Pair) -> None:
    """Everything once on a few rows: imports and first calls are nobody's time, and neither are the pages that the
    allocator hands back to the system and fetches anew until a large block has been freed once."""
    large = np.empty(31 << 20, dtype=np.uint8)
    del large
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            _ours(name, pair)
        for ours, _, _, fit in (peer for peer in installed() if peer[0] in names):
            with contextlib.suppress(Exception):
                _theirs(ours, fit, pair)


def _top(name: str) -> Any:
    return LDA(shrinkage=0.1) if name in GUESSING else DummyClassifier(strategy="prior")


def _ours(name: str, pair: Pair) -> None:
    ADAPTERS[name](head=_top(name)).fit(pair.Xs, pair.ys, pair.Xt).predict(pair.Xt)


def _theirs(ours: str, fit: Any, pair: Pair) -> None:
    fit(pair, _top(ours)).predict(pair.Xt)


def alone(case: str) -> Found:
    """Run one large case in a process of its own, for its peak of memory."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measured, args=(case, queue))
    process.start()
    found = queue.get()
    process.join()
    return dict(found)


def _measured(case: str, queue: Any) -> None:
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        note = LARGE[case][1]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    queue.put({"case": case, "wall s": round(time.perf_counter() - started, 1), "peak GiB": round(peak, 2),
               "limit": LARGE[case][0], "note": note})  # fmt: skip


def _fit(name: str, n: int, d: int, **options: Any) -> Any:
    pair = clouds(n, d)
    single = (np.float32(X) for X in (pair.Xs, pair.Xt))
    Xs, Xt = single
    adapter = ADAPTERS[name](head=LDA(shrinkage=0.1), **options).fit(Xs, pair.ys, Xt)
    return adapter, float((adapter.predict(Xt[:5000]) == pair.ye[:5000]).mean())


def _gap(name: str, n: int, d: int, **options: Any) -> str:
    adapter, accuracy = _fit(name, n, d, **options)
    return f"accuracy {100 * accuracy:.1f}, gap {getattr(adapter, 'gap_', float('nan')):.1e}"


def _kmm_blocks() -> str:
    """Blocks of 5,000 beside the exact program at 20,000 rows: what is left between the two sides' kernel means."""
    exact, _ = _fit("kmm", 20_000, 256)
    blocks, _ = _fit("kmm", 20_000, 256, most_rows=5000)
    left = [kernel_mean_distance(each, exact.bandwidth_) for each in (np.ones(20_000), exact.weights_, blocks.weights_)]
    return "squared distance of kernel means: " + ", ".join(
        f"{value:.2e} {words}" for value, words in zip(left, ("unweighted", "exact", "in blocks"), strict=True)
    )


def kernel_mean_distance(weights: Any, bandwidth: float) -> float:
    """MMD² of the weighted source to the target of `clouds(20_000, 256)`, in blocks."""
    pair = clouds(20_000, 256)
    Xs, Xt, share = np.float32(pair.Xs), np.float32(pair.Xt), np.float32(weights / weights.sum())
    even, total = np.full(len(Xt), 1 / len(Xt), dtype=np.float32), 0.0
    for rows in np.array_split(np.arange(20_000), 20):
        total += float(share[rows] @ (rbf(Xs[rows], Xs, bandwidth) @ share))
        total -= 2 * float(share[rows] @ (rbf(Xs[rows], Xt, bandwidth) @ even))
        total += float(even[rows] @ (rbf(Xt[rows], Xt, bandwidth) @ even))
    return total


def _transport_drawn() -> str:
    """5,000 drawn rows beside all 20,000: how far source rows land from where they should, and the accuracy."""
    (whole, first), (part, second) = _fit("transport", 20_000, 64), _fit("transport", 20_000, 64, most_rows=5000)
    rows = np.float32(clouds(20_000, 64).Xs[:2000])
    landed, should = part.transform_source(rows), whole.transform_source(rows)
    off = float(np.linalg.norm(landed - should) / np.linalg.norm(should - should.mean(axis=0)))
    return f"accuracy {100 * first:.1f} of all, {100 * second:.1f} of the drawn; rows land {100 * off:.0f} % off"


def _words() -> str:
    """4,000 rows of 30,000 sparse columns, as frequent as words are."""
    rng = np.random.default_rng(0)
    frequency = np.minimum(0.2, 3 / (1 + np.arange(30_000)))
    y = rng.integers(0, 2, 4000)
    parts = [rng.choice(30_000, 60, p=frequency / frequency.sum()) for _ in range(4000)]
    rows = np.repeat(np.arange(4000), 60)
    X = sparse.csr_matrix((np.ones(len(rows)), (rows, np.concatenate(parts))), shape=(4000, 30_000))
    adapter = ADAPTERS["msda"](head=LDA(shrinkage=0.5)).fit(X[:2000], y[:2000], X[2000:])
    return f"{adapter.layers_[0].weights.shape} weights in the first layer"


def _batches(seed: int, count: int = 100, n: int = 10_000, d: int = 64) -> Iterator[tuple[Any, Any]]:
    for part in range(count):
        pair = clouds(n, d, seed=seed + part)
        yield (pair.Xs, pair.ys) if seed == 0 else (pair.Xt, pair.ye)


def _moments(name: str) -> str:
    """1,000,000 rows of each side, 10,000 at a time, nothing else kept."""
    sides = []
    for seed in (0, 1000):
        total = None
        for X, y in _batches(seed):
            each = Moments.of(X, y if seed == 0 else 0 * y, np.ones(len(y)), 10 if seed == 0 else 1, scatter=True)
            total = each if total is None else total + each
        sides.append(total)
    adapter = ADAPTERS[name](head=LDA(shrinkage=0.1)).fit_moments(*sides)
    X, _ = next(iter(_batches(1000, count=1)))
    return f"{sides[1].total:,.0f} target rows; answers for {len(adapter.predict(X)):,} more"


def _label_shift() -> str:
    X, y = next(iter(_batches(0, count=1)))
    adapter = ADAPTERS["em_prior"](head=LDA(shrinkage=0.1)).fit_batches(X, y, (Z for Z, _ in _batches(1000)))
    return f"gap {adapter.gap_:.1e}"


LARGE: dict[str, tuple[str, Callable[[], str]]] = {
    "tca, 50,000 rows per side, 256 columns": ("60 s, 4 GiB", lambda: _gap("tca", 50_000, 256)),
    "kliep, 50,000 rows per side, 256 columns": ("60 s, 4 GiB", lambda: _gap("kliep", 50_000, 256)),
    "kmm, 20,000 rows per side, 256 columns": ("120 s, 4 GiB", lambda: _gap("kmm", 20_000, 256)),
    "transport, 20,000 rows per side, 256 columns": ("120 s, 4 GiB", lambda: _gap("transport", 20_000, 256)),
    "kmm in blocks of 5,000 beside exact, 20,000 rows": ("", _kmm_blocks),
    "transport by 5,000 drawn rows beside all, 20,000 rows": ("", _transport_drawn),
    "msda, 30,000 sparse columns, 2,000 rows per side": ("", _words),
    "coral, 1,000,000 rows per side streamed, 64 columns": ("", lambda: _moments("coral")),
    "subspace, 1,000,000 rows per side streamed, 64 columns": ("", lambda: _moments("subspace")),
    "em_prior, 1,000,000 target rows streamed, 64 columns": ("", _label_shift),
}
