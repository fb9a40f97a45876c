"""What is publicly known of backbones before any look at the target: a table of figures with their sources.

A ranking blind to the target is the baseline that most published scores do not beat, so it is where ours begins.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from headstart.backbones.opening import parse
from headstart.problem import Modality

SOURCES = {
    "timm": "huggingface/pytorch-image-models, results/results-imagenet.csv (Apache-2.0), 2026-08",
    "dinov2": "facebookresearch/dinov2, README.md, ImageNet linear (Oquab et al., TMLR 2024); input, parameters: timm",
    "mteb": "Muennighoff et al., MTEB, EACL 2023, table 1, classification average of 12 data sets",
    "gte": "model card of thenlper/gte-base, MTEB classification average of 12 data sets",
    "bge": "FlagOpen/FlagEmbedding, research/baai_general_embedding/README.md, MTEB classification, 12 data sets",
}
UNTAUGHT = ("raw", "random", "conv", "mlp", "tfidf")  # nothing was learned elsewhere: as the weakest of the table


@dataclass(frozen=True)
class Known:
    """One row of the table.

    name             as `open_backbone` takes it
    params_millions  parameters, of a sentence encoder as embeddings-benchmark/mteb or its results count them (of T5 the
                     encoder alone), of word vectors words times width
    input            side of the picture or tokens of a text that the published model takes ("" where neither)
    figure, value    what was measured, in percent; source  a key of `SOURCES`
    """

    name: str
    modality: Modality
    params_millions: float
    input: str
    pretraining: str
    figure: str
    value: float
    source: str

    @property
    def logit(self) -> float:
        """A share as log odds: a point counts more the nearer it is to 100."""
        return float(np.log(self.value / (100 - self.value)))


@cache
def known_backbones() -> Mapping[str, Known]:
    """The shipped table by name."""
    lines = (files("headstart.selection") / "prior.csv").read_text(encoding="utf-8").splitlines()
    numbers = ("params_millions", "value")
    typed = (
        {key: float(cell) if key in numbers else cell for key, cell in row.items()} for row in csv.DictReader(lines)
    )
    return {row.name: row for row in (Known(**each) for each in typed)}  # type: ignore[arg-type]


def known(name: str) -> Known | None:
    """The row of a backbone's name; without a tag the median of its tags; None for weights from a file or unknown ones.

    >>> known("timm/resnet18.a1_in1k").figure
    'ImageNet top-1'
    >>> known("timm/resnet18?checkpoint=mine.safetensors") is None
    True
    """
    kind, rest, options = parse(name)
    if {"checkpoint", "file", "path"} & set(options):
        return None
    table = known_backbones()
    plain = f"{kind}/{rest}"
    for written in (plain, plain.replace("sentence/sentence-transformers/", "sentence/")):
        if written in table:
            return table[written]
    tags = sorted((row for row in table.values() if row.name.startswith(f"{plain}.")), key=lambda row: row.value)
    if kind == "words":
        return table["words/glove"] if "glove" in rest.lower() else None
    return tags[len(tags) // 2] if tags else None


def is_taught(name: str) -> bool:
    """Whether a backbone learned anything elsewhere: neither the raw input nor random weights nor counted words.

    >>> is_taught("random/timm/resnet18")
    False
    """
    return parse(name)[0] not in UNTAUGHT


def strength(name: str, modality: Modality) -> float | None:
    """How strong a backbone is by its public figure, in standard deviations among those of its modality in the table.

    None where nothing is known; the weakest of the table where nothing was learned (raw input, random weights).
    """
    logits = np.array([row.logit for row in known_backbones().values() if row.modality == modality])
    if not len(logits):
        return None
    if not is_taught(name):
        lowest = logits.min()
    else:
        row = known(name)
        if row is None or row.modality != modality:
            return None
        lowest = row.logit
    return float((lowest - logits.mean()) / logits.std())
