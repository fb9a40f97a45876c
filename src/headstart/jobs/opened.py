"""The backbone that a job was given, open and fit for its samples, and fitted on them where it must learn first."""

from __future__ import annotations

from headstart.backbones.backbone import Backbone
from headstart.backbones.opening import open_backbone
from headstart.data.dataset import Dataset
from headstart.errors import DataError


def opened_for(dataset: Dataset, backbone: str | Backbone) -> Backbone:
    """The backbone, open; "raw" takes the dataset's modality. Raises `DataError` where it reads other samples."""
    if isinstance(backbone, str):
        options = {"modality": dataset.modality} if backbone == "raw" else {}
        backbone = open_backbone(backbone, **options)
    if backbone.modality != dataset.modality:
        raise DataError(f"backbone '{backbone.name}' reads {backbone.modality} samples; these are {dataset.modality}")
    return backbone


def fitted_on(backbone: Backbone, *datasets: Dataset) -> Backbone:
    """The backbone as it is, or after learning (a vocabulary, ranges) from all samples of the data sets, no label."""
    if backbone.learned_from is None:
        return backbone
    items = datasets[0].items if len(datasets) == 1 else [item for dataset in datasets for item in dataset.items]
    fitted: Backbone = backbone.fitted(items)  # type: ignore[attr-defined]
    return fitted
