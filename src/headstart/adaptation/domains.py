"""Source and target side by side, checked once for every method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.arrays import Labels, Mask, as_matrix, same_length
from headstart.errors import DataError
from headstart.problem import UNLABELLED

FEW = 100  # rows that are looked at before all are


@dataclass(frozen=True, eq=False)
class Domains:
    """Xs (ns, ds) with class codes ys (ns,); Xt (nt, dt) with codes yt (nt,), -1 where unknown;
    codes count `classes`."""

    Xs: Any
    ys: Labels
    Xt: Any
    yt: Labels
    classes: NDArray[Any]

    @classmethod
    def of(
        cls,
        Xs: Any,
        ys: Any,
        Xt: Any,
        yt: Any = None,
        *,
        accepts_sparse: bool = False,
        same_features: bool = True,
        name: str = "it",
    ) -> Domains:
        """Check and encode. `yt` marks unknown labels with -1, None, NaN or "".

        Raises `DataError` for feature spaces of different width (where the method needs the `same_features`), NaN, rows
        that are all alike, one class, labels that do not match their rows or that the source lacks, and sparse rows
        where the method `name` needs dense ones.
        """
        Xs, Xt = (as_rows(X, accepts_sparse=accepts_sparse, method=name, name=side)
                  for X, side in ((Xs, "source"), (Xt, "target")))  # fmt: skip
        if same_features and Xs.shape[1] != Xt.shape[1]:
            raise DataError(
                f"the feature spaces differ: source has {Xs.shape[1]} columns, target {Xt.shape[1]}; {name} needs one "
                "space: extract both with one backbone, keep the columns that both have, or take 'gromov_transport', "
                "which carries rows from one space into another"
            )
        if all_alike(Xs):
            raise DataError(
                f"all {Xs.shape[0]} rows of the source are alike: no column tells one from another; look at how the "
                "features were made, or take others"
            )
        ys, yt = as_numpy(ys), as_numpy(yt)
        ys = np.asarray(ys)
        same_length(range(Xs.shape[0]), ys, names=("source", "its labels"))
        if unknown(ys).any():
            raise DataError(
                f"{unknown(ys).sum()} source rows have no label; drop them or give them one (-1 means unknown: classes "
                "named -1 and 1 need other names)"
            )
        classes, codes = np.unique(ys, return_inverse=True)
        if len(classes) < 2:
            raise DataError(
                f"the source holds one class only ({classes.tolist()[0]!r}): there is nothing to tell apart; add rows "
                "of another class"
            )
        return cls(Xs, codes.astype(np.int64), Xt, target_codes(yt, classes, Xt.shape[0]), classes)

    @property
    def n_classes(self) -> int:
        return len(self.classes)

    @property
    def known(self) -> Mask:
        """Which target rows carry a label; (nt,)."""
        return np.asarray(self.yt != UNLABELLED)


def as_rows(X: Any, *, accepts_sparse: bool, method: str, name: str) -> Any:
    """Finite rows: dense as by `as_matrix`, or CSR where the method takes it. Tensors of any device come over."""
    X = as_numpy(X)
    if not sparse.issparse(X):
        return as_matrix(X, name=name)
    if not accepts_sparse:
        raise DataError(
            f"{method} needs dense rows; the {name} rows {X.shape} would take {in_bytes(8 * X.shape[0] * X.shape[1])}: "
            "pass X.toarray(), or fewer columns (scikit-learn's TruncatedSVD, another backbone)"
        )
    X = sparse.csr_matrix(X, dtype=X.dtype if X.dtype == np.float32 else np.float64)
    if 0 in X.shape:
        raise DataError(f"{name} is empty: shape {X.shape}; give at least one row and one column")
    if not np.isfinite(X.data).all():
        raise DataError(
            f"{name} holds NaN or infinity in {(~np.isfinite(X.data)).sum()} entries; fill them in, or leave these "
            "rows out"
        )
    return X


def all_alike(X: Any) -> bool:
    """Whether no column holds two values, in two rows or more; a few rows mostly suffice to know."""
    if X.shape[0] < 2 or sparse.issparse(X):
        return bool(sparse.issparse(X) and not X.count_nonzero())
    return bool((X[:FEW] == X[0]).all() and (X[0] == X).all())


def in_bytes(amount: int) -> str:
    """`3.2 KiB`, `8.9 GiB`."""
    power = min(3, max(0, (amount.bit_length() - 1) // 10))
    return f"{amount / 1024**power:,.1f} {('bytes', 'KiB', 'MiB', 'GiB')[power]}"


def as_numpy(values: Any) -> Any:
    """A torch tensor, on whatever device, as an array (half precision as single); anything else as it is."""
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    return (values.float() if values.is_floating_point() and values.element_size() < 4 else values).numpy()


def as_given(rows: Any, X: Any) -> Any:
    """Computed rows in the kind of the rows given: a tensor of X's precision on X's device (without gradients) where X
    is one, else as they are."""
    if not hasattr(X, "detach"):
        return rows
    import torch

    precise = X.dtype if X.is_floating_point() else torch.get_default_dtype()
    return torch.as_tensor(np.asarray(rows)).to(device=X.device, dtype=precise)


def target_codes(yt: Any, classes: NDArray[Any], n: int) -> Labels:
    """Codes (n,) of the labels that are known, -1 elsewhere. Raises `DataError` for labels the source lacks."""
    codes = np.full(n, UNLABELLED, dtype=np.int64)
    if yt is None:
        return codes
    yt = np.asarray(yt)
    same_length(range(n), yt, names=("target", "its labels"))
    known = ~unknown(yt)
    labels, places = np.unique(yt[known].astype(classes.dtype), return_inverse=True)
    strange = np.setdiff1d(labels, classes)
    if len(strange):
        raise DataError(
            f"target labels hold {strange.tolist()}, which the source lacks (it has {classes.tolist()}); add source "
            "rows of these classes, or mark the target rows as unknown (-1)"
        )
    codes[known] = np.searchsorted(classes, labels)[places]
    return codes


def unknown(y: NDArray[Any]) -> Mask:
    """Which labels say "unknown": -1, None, NaN or the empty text."""
    if y.dtype.kind in "iu":
        return np.asarray(y == UNLABELLED)
    if y.dtype.kind == "f":
        return np.asarray(np.isnan(y) | (y == UNLABELLED))
    if y.dtype.kind == "b":
        return np.zeros(len(y), dtype=bool)
    return np.array(
        [each is None or each == "" or each == UNLABELLED or each != each for each in y.tolist()], dtype=bool
    )


def dense(X: Any, *, most_bytes: int = 4 << 30, method: str) -> Any:
    """Sparse rows as an array, where that stays below `most_bytes`; dense rows unchanged."""
    if not sparse.issparse(X):
        return X
    needed = X.dtype.itemsize * X.shape[0] * X.shape[1]
    if needed > most_bytes:
        raise DataError(
            f"{method} has to spread the sparse rows {X.shape} out, {needed / 2**30:.1f} GiB; take fewer columns "
            "(scikit-learn's TruncatedSVD), or msda, which need not"
        )
    return X.toarray()
