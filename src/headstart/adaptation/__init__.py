"""Domain adaptation: labels in one place, the work in another. Every method from a table of names.

>>> from headstart.adaptation import ADAPTERS
>>> "coral" in ADAPTERS
True

Regression has its own estimator beside them, `instance.tradaboost_r2.TrAdaBoostR2`. Folders still to come will stand
beside these: `deep/` (terms on a network's layers), `heterogeneous/` (two feature spaces, beyond what
`transport/` carries across), `relation/`, `parameter/` and `multi_source/`.
"""

from headstart.registry import Registry

ADAPTERS = Registry(
    "adapter",
    none="headstart.adaptation.none:NoAdaptation",
    auto="headstart.adaptation.auto:Auto",
    # label shift: move the prior over classes
    em_prior="headstart.adaptation.label_shift.em:EMPrior",
    bbse="headstart.adaptation.label_shift.bbse:ConfusionPrior",
    rlls="headstart.adaptation.label_shift.rlls:RegularisedPrior",
    # conditional shift: classes move each in its own way, or are missing on one side
    location_scale="headstart.adaptation.conditional_shift.location_scale:LocationScale",
    partial_classes="headstart.adaptation.conditional_shift.partial_classes:PartialClasses",
    open_set="headstart.adaptation.conditional_shift.open_set:OpenSet",
    # instance: weigh source rows
    kmm="headstart.adaptation.instance.kmm:KernelMeanMatching",
    kliep="headstart.adaptation.instance.kliep:KLIEP",
    ulsif="headstart.adaptation.instance.ulsif:LeastSquaresRatio",
    rulsif="headstart.adaptation.instance.ulsif:RelativeLeastSquaresRatio",
    discriminative="headstart.adaptation.instance.discriminative:DiscriminativeRatio",
    nearest="headstart.adaptation.instance.nearest:NearestRatio",
    balanced="headstart.adaptation.instance.balanced:BalancedWeighting",
    tradaboost="headstart.adaptation.instance.tradaboost:TrAdaBoost",
    multi_source="headstart.adaptation.instance.multi_source:MultiSourceTrAdaBoost",
    # feature: move the representation
    batch_norm="headstart.adaptation.feature.batch_norm:BatchNorm",
    coral="headstart.adaptation.feature.coral:Coral",
    linear_map="headstart.adaptation.feature.linear_map:LinearMap",
    subspace="headstart.adaptation.feature.subspace:SubspaceAlignment",
    geodesic="headstart.adaptation.feature.geodesic:GeodesicFlow",
    tca="headstart.adaptation.feature.tca:TCA",
    sstca="headstart.adaptation.feature.tca:SemiSupervisedTCA",
    joint_matching="headstart.adaptation.feature.joint_matching:JointMatching",
    jda="headstart.adaptation.feature.jda:JDA",
    bda="headstart.adaptation.feature.jda:BalancedJDA",
    manifold="headstart.adaptation.feature.manifold:Manifold",
    propagation="headstart.adaptation.feature.propagation:Propagation",
    transport="headstart.adaptation.transport.entropic:EntropicTransport",
    class_transport="headstart.adaptation.transport.class_regularised:ClassTransport",
    exact_transport="headstart.adaptation.transport.exact:ExactTransport",
    partial_transport="headstart.adaptation.transport.partial:PartialTransport",
    unbalanced_transport="headstart.adaptation.transport.unbalanced:UnbalancedTransport",
    jdot="headstart.adaptation.transport.jdot:JointTransport",
    gromov_transport="headstart.adaptation.transport.gromov:GromovTransport",
    co_optimal_transport="headstart.adaptation.transport.co_optimal:CoOptimalTransport",
    msda="headstart.adaptation.feature.msda:StackedDenoising",
    autoencoder="headstart.adaptation.feature.autoencoder:DenoisingAutoencoder",
    pivots="headstart.adaptation.feature.pivots:StructuralCorrespondence",
    augmentation="headstart.adaptation.feature.augmentation:FeatureAugmentation",
)
