"""Two-sample tests that people use, each in a few lines, for comparison with the omnibus test in the same run."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp, norm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from headstart.diagnosis.omnibus import omnibus
from headstart.stats.kernels import median_bandwidth, random_features, rbf, squared_distances
from headstart.stats.permutation import contrasts
from headstart.stats.transport import directions, sliced_wasserstein

Array = NDArray[np.float64]
Test = Callable[[Array, Array, np.random.Generator], float]
PERMUTATIONS = 199
SLOW = ("frouros MMD", "alibi-detect MMD")  # seconds a test: fewer runs


def headstart_omnibus(x: Array, y: Array, rng: np.random.Generator) -> float:
    return omnibus(x, y, seed=int(rng.integers(2**31))).p


def kolmogorov_smirnov(x: Array, y: Array, rng: np.random.Generator) -> float:
    """One test per column, Bonferroni."""
    return min(1.0, x.shape[1] * min(ks_2samp(a, b).pvalue for a, b in zip(x.T, y.T, strict=True)))


def half_of_the_columns(x: Array, y: Array, rng: np.random.Generator) -> float:
    """Evidently's default rule for a whole table: a test per column, and at least half of them at .05. A verdict, not a
    p: 0 or 1."""
    seen = [ks_2samp(a, b).pvalue <= 0.05 for a, b in zip(x.T, y.T, strict=True)]
    return 0.0 if np.mean(seen) >= 0.5 else 1.0


def kernel_mmd(x: Array, y: Array, rng: np.random.Generator) -> float:
    pooled = np.concatenate([x, y])
    return _quadratic(rbf(pooled, pooled, median_bandwidth(pooled, rng=rng)), len(x), rng)


def energy_distance(x: Array, y: Array, rng: np.random.Generator) -> float:
    pooled = np.concatenate([x, y])
    return _quadratic(-np.sqrt(squared_distances(pooled, pooled)), len(x), rng)


def fourier_mmd(x: Array, y: Array, rng: np.random.Generator) -> float:
    pooled = np.concatenate([x, y])
    waves = random_features(pooled, median_bandwidth(pooled, rng=rng), count=256, rng=rng)
    statistics = ((waves.T @ _signs(len(x), len(y), rng)) ** 2).sum(axis=0)
    return float((statistics >= statistics[0]).mean())


def classifier_logistic(x: Array, y: Array, rng: np.random.Generator) -> float:
    return _classifier(LogisticRegression(C=0.1, max_iter=300), x, y, rng)


def classifier_trees(x: Array, y: Array, rng: np.random.Generator) -> float:
    return _classifier(HistGradientBoostingClassifier(max_iter=50, random_state=0), x, y, rng)


def sliced_w2(x: Array, y: Array, rng: np.random.Generator) -> float:
    lines = directions(x.shape[1], 64, rng)
    pooled = np.concatenate([x, y]) @ lines
    values = []
    for draw in range(50):
        order = np.arange(len(pooled)) if draw == 0 else rng.permutation(len(pooled))
        values.append(sliced_wasserstein(pooled[order[: len(x)]], pooled[order[len(x) :]]))
    return float((np.array(values) >= values[0]).mean())


def frouros_mmd(x: Array, y: Array, rng: np.random.Generator) -> float:
    from frouros.callbacks import PermutationTestDistanceBased
    from frouros.detectors.data_drift import MMD

    test = PermutationTestDistanceBased(num_permutations=PERMUTATIONS, random_state=0, num_jobs=1, name="test")
    detector = MMD(callbacks=[test])
    detector.fit(X=x)
    return float(detector.compare(X=y)[1]["test"]["p_value"])


def alibi_detect_mmd(x: Array, y: Array, rng: np.random.Generator) -> float:
    from alibi_detect.cd import MMDDrift

    found = MMDDrift(x.astype(np.float32), backend="pytorch", n_permutations=PERMUTATIONS, device="cpu")
    return float(found.predict(y.astype(np.float32))["data"]["p_val"])


def peers() -> dict[str, Test]:
    """All that can run here; libraries that are not installed are left out."""
    found: dict[str, Test] = {
        "headstart omnibus": headstart_omnibus,
        "KS + Bonferroni": kolmogorov_smirnov,
        "half of the columns (Evidently's rule)": half_of_the_columns,
        "MMD": kernel_mmd,
        "energy distance": energy_distance,
        "RFF-MMD": fourier_mmd,
        "C2ST logistic": classifier_logistic,
        "C2ST boosted trees": classifier_trees,
        "sliced W2": sliced_w2,
    }
    if find_spec("frouros"):
        found["frouros MMD"] = frouros_mmd
    if find_spec("alibi_detect"):
        found["alibi-detect MMD"] = alibi_detect_mmd
    return found


def absent() -> list[str]:
    """Which libraries could not be compared, and what stands for them."""
    modules = {"alibi-detect": "alibi_detect", "frouros": "frouros"}
    missing = ", ".join(name for name, module in modules.items() if not find_spec(module))
    same = "the row 'MMD' is the same test (permutations, median bandwidth)"
    other = (
        "Evidently's rule is computed here without the library; NannyML's reconstruction error needs many chunks of "
        "each side and answers no single comparison; skada's scorers judge adapted models, not samples"
    )
    narrow = "frouros's MMD as it comes: a kernel of width 1, which among 64 columns sees next to nothing"
    return [*([f"not installed here: {missing}; {same}"] if missing else []), narrow, other]


def _signs(n: int, m: int, rng: np.random.Generator) -> Array:
    return contrasts(np.repeat([False, True], [n, m]), permutations=PERMUTATIONS, rng=rng).astype(float)


def _quadratic(gram: Array, n: int, rng: np.random.Generator) -> float:
    signs = _signs(n, len(gram) - n, rng)
    statistics = np.einsum("ij,ij->j", signs, gram @ signs)
    return float((statistics >= statistics[0]).mean())


def _classifier(model: object, x: Array, y: Array, rng: np.random.Generator) -> float:
    """Trained on one half, AUC on the other, normal approximation."""
    halves = [(side[order[: len(side) // 2]], side[order[len(side) // 2 :]])
              for side in (x, y) for order in [rng.permutation(len(side))]]  # fmt: skip
    truth = [np.repeat([0, 1], [len(halves[0][part]), len(halves[1][part])]) for part in (0, 1)]
    model.fit(np.concatenate([halves[0][0], halves[1][0]]), truth[0])  # type: ignore[attr-defined]
    scores = model.predict_proba(np.concatenate([halves[0][1], halves[1][1]]))[:, 1]  # type: ignore[attr-defined]
    n, m = len(halves[0][1]), len(halves[1][1])
    spread = np.sqrt((n + m + 1) / (12 * n * m))
    return float(norm.sf((roc_auc_score(truth[1], scores) - 0.5) / spread))
