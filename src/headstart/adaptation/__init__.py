"""Domain adaptation: labels in one place, the work in another. Every method from a table of names.

>>> from headstart.adaptation import ADAPTERS
>>> "coral" in ADAPTERS
True

Deep, heterogeneous, relational, parameter and multi-source transfer will stand beside these folders.
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
    # instance: weigh source rows
    kmm="headstart.adaptation.instance.kmm:KernelMeanMatching",
    kliep="headstart.adaptation.instance.kliep:KLIEP",
    ulsif="headstart.adaptation.instance.ulsif:LeastSquaresRatio",
    rulsif="headstart.adaptation.instance.ulsif:RelativeLeastSquaresRatio",
    discriminative="headstart.adaptation.instance.discriminative:DiscriminativeRatio",
    nearest="headstart.adaptation.instance.nearest:NearestRatio",
    balanced="headstart.adaptation.instance.balanced:BalancedWeighting",
    tradaboost="headstart.adaptation.instance.tradaboost:TrAdaBoost",
    # feature: move the representation
    coral="headstart.adaptation.feature.coral:Coral",
    linear_map="headstart.adaptation.feature.linear_map:LinearMap",
    subspace="headstart.adaptation.feature.subspace:SubspaceAlignment",
    geodesic="headstart.adaptation.feature.geodesic:GeodesicFlow",
    tca="headstart.adaptation.feature.tca:TCA",
    sstca="headstart.adaptation.feature.tca:SemiSupervisedTCA",
    joint_matching="headstart.adaptation.feature.joint_matching:JointMatching",
    jda="headstart.adaptation.feature.jda:JDA",
    transport="headstart.adaptation.transport.entropic:EntropicTransport",
    class_transport="headstart.adaptation.transport.class_regularised:ClassTransport",
    msda="headstart.adaptation.feature.msda:StackedDenoising",
    pivots="headstart.adaptation.feature.pivots:StructuralCorrespondence",
    augmentation="headstart.adaptation.feature.augmentation:FeatureAugmentation",
)
