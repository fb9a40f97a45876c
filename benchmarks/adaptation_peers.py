"""The same methods in other libraries (POT, skada, ADAPT), called as their documentation shows, where installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from adaptation_pairs import Pair
from sklearn.base import clone

from headstart.adaptation.instance.kliep import BANDWIDTHS
from headstart.stats.kernels import median_bandwidth

Fit = Callable[[Pair, Any], Any]  # (pair, classifier) -> something with predict(target rows)


class Mapped:
    """A classifier on source rows carried over by a transport of POT."""

    def __init__(self, transport: Any, classifier: Any) -> None:
        self.transport, self.classifier = transport, classifier

    def fit(self, pair: Pair) -> Mapped:
        carried = self.transport.fit(Xs=pair.Xs, ys=pair.ys, Xt=pair.Xt).transform(Xs=pair.Xs)
        self.classifier.fit(carried, pair.ys)
        return self

    def predict(self, X: Any) -> Any:
        return self.classifier.predict(X)


def pot(make: Callable[[Any], Any]) -> Fit:
    def fit(pair: Pair, classifier: Any) -> Any:
        codes = np.unique(pair.ys, return_inverse=True)[1]
        transport = make(importlib.import_module("ot.da"))
        return Mapped(transport, clone(classifier)).fit(pair._replace(ys=codes, Xs=pair.Xs))

    return fit


class OfDomains:
    """An estimator of skada, which tells domains by the sign of `sample_domain`."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, pair: Pair) -> OfDomains:
        codes = np.unique(pair.ys, return_inverse=True)[1]
        X, y = np.vstack([pair.Xs, pair.Xt]), np.append(codes, np.full(len(pair.Xt), -1))
        self.estimator.fit(X, y, sample_domain=np.repeat([1, -2], [len(pair.Xs), len(pair.Xt)]))
        return self

    def predict(self, X: Any) -> Any:
        return self.estimator.predict(X, sample_domain=np.full(len(X), -2), allow_source=True)


def skada(name: str, *, weighted: bool = False, **options: Any) -> Fit:
    def fit(pair: Pair, classifier: Any) -> Any:
        make = getattr(importlib.import_module("skada"), name)
        base = clone(classifier)
        return OfDomains(make(base.set_fit_request(sample_weight=True) if weighted else base, **options)).fit(pair)

    return fit


def adapt(module: str, name: str, **options: Any) -> Fit:
    def fit(pair: Pair, classifier: Any) -> Any:
        make = getattr(importlib.import_module(f"adapt.{module}"), name)
        codes = np.unique(pair.ys, return_inverse=True)[1]
        model = make(clone(classifier), Xt=pair.Xt, verbose=0, random_state=0, **options)
        model.fit(pair.Xs, codes)
        return model

    return fit


def choosing(make: Callable[[list[float]], Fit]) -> Fit:
    """With the bandwidths that ours choose from: multiples of the median distance, as 1 / (2 width²)."""

    def fit(pair: Pair, classifier: Any) -> Any:
        unit = median_bandwidth(np.concatenate([pair.Xs, pair.Xt]), rng=np.random.default_rng(0))
        return make([0.5 / (unit * each) ** 2 for each in BANDWIDTHS])(pair, classifier)

    return fit


# ours -> (package, its name, how it is called)
PEERS: tuple[tuple[str, str, str, Fit], ...] = (
    ("coral", "skada", "CORAL", skada("CORAL")),
    ("coral", "adapt", "CORAL", adapt("feature_based", "CORAL", lambda_=1.0)),
    ("linear_map", "ot", "LinearTransport", pot(lambda da: da.LinearTransport(reg=1e-3))),
    ("linear_map", "skada", "LinearOTMapping", skada("LinearOTMapping", reg=1e-3)),
    ("subspace", "skada", "SubspaceAlignment", skada("SubspaceAlignment", n_components=40)),
    ("subspace", "adapt", "SA", adapt("feature_based", "SA", n_components=40)),
    ("tca", "skada", "TransferComponentAnalysis", skada("TransferComponentAnalysis", n_components=40)),
    ("transport", "ot", "SinkhornTransport", pot(lambda da: da.SinkhornTransport(reg_e=0.05, norm="max"))),
    ("transport", "skada", "EntropicOTMapping", skada("EntropicOTMapping", reg_e=0.05, norm="max")),
    ("class_transport", "ot", "SinkhornLpl1Transport",
     pot(lambda da: da.SinkhornLpl1Transport(reg_e=0.05, reg_cl=0.3, norm="max"))),
    ("exact_transport", "ot", "EMDTransport", pot(lambda da: da.EMDTransport(norm="max"))),
    ("exact_transport", "skada", "OTMapping", skada("OTMapping", norm="max")),
    ("unbalanced_transport", "ot", "UnbalancedSinkhornTransport",
     pot(lambda da: da.UnbalancedSinkhornTransport(reg_e=0.02, reg_m=0.2, norm="max"))),
    ("kmm", "skada", "KMMReweight", skada("KMMReweight", weighted=True)),
    ("kmm", "adapt", "KMM", adapt("instance_based", "KMM")),
    ("kliep", "skada", "KLIEPReweight", choosing(lambda widths: skada("KLIEPReweight", weighted=True, gamma=widths))),
    ("kliep", "adapt", "KLIEP", choosing(lambda widths: adapt("instance_based", "KLIEP", gamma=widths))),
    ("ulsif", "adapt", "ULSIF",
     choosing(lambda widths: adapt("instance_based", "ULSIF", gamma=widths, lambdas=[0.01, 0.1, 1.0]))),
    ("rulsif", "adapt", "RULSIF",
     choosing(lambda widths: adapt("instance_based", "RULSIF", gamma=widths, lambdas=[0.01, 0.1, 1.0], alpha=0.5))),
    ("discriminative", "skada", "DiscriminatorReweight", skada("DiscriminatorReweight", weighted=True)),
    ("discriminative", "adapt", "IWC", adapt("instance_based", "IWC")),
    ("nearest", "skada", "NearestNeighborReweight", skada("NearestNeighborReweight", weighted=True)),
    ("nearest", "adapt", "NearestNeighborsWeighting", adapt("instance_based", "NearestNeighborsWeighting")),
    ("jdot", "skada", "JDOTClassifier", skada("JDOTClassifier", weighted=True, n_iter_max=10)),
)  # fmt: skip


def installed() -> list[tuple[str, str, str, Fit]]:
    """Those of `PEERS` that can be called here."""
    return [(ours, package, name, fit) for ours, package, name, fit in PEERS if find_spec(package)]


def label(package: str, name: str) -> str:
    return f"{ {'ot': 'POT', 'adapt': 'ADAPT'}.get(package, package) } {name}"
