"""Choosing without target labels: what can be said of an adapted classifier from its answers alone.

Every validator takes `Evidence` and returns a number, higher is better; none of them is right on its own.
"""

from headstart.registry import Registry

VALIDATORS = Registry(
    "validator",
    entropy="headstart.adaptation.validators.confidence:entropy",
    information="headstart.adaptation.validators.confidence:information",
    density="headstart.adaptation.validators.density:soft_neighbourhood_density",
    correlation="headstart.adaptation.validators.correlation:class_correlation",
    weighted="headstart.adaptation.validators.weighted:importance_weighted",
    dev="headstart.adaptation.validators.weighted:deep_embedded",
    mixed="headstart.adaptation.validators.mixed:mixed",
    circular="headstart.adaptation.validators.circular:circular",
)
