"""A model: backbone, layers, head and calibrated probabilities; everything that prediction needs and nothing else.

A mixture is a model of several members, whose probabilities are added up with weights on the simplex.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.arrays import Matrix
from headstart.data.dataset import Dataset
from headstart.data.reading import read
from headstart.data.samples import VectorRows
from headstart.errors import DataError, ModelError
from headstart.features.store import Store
from headstart.models.feature_map import FeatureMap, matrices_of
from headstart.models.member import Member
from headstart.models.prediction import Prediction, usable
from headstart.models.samples import picture_files
from headstart.problem import Domain, Task
from headstart.stats.calibration import apply_temperature

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 1024  # rows predicted at a time: bounds memory, and what an interruption loses


@dataclass(frozen=True, eq=False)
class Model:
    """What `transfer` returns and a model folder holds.

    members      one; several, whose weights add up to 1, for a mixture
    columns      how a table was read: {"text": …} or {"image": …}; predictions read theirs the same way
    temperature  divides log-probabilities, of a mixture those of the sum; fitted on out-of-fold predictions (Guo et
                 al., ICML 2017)
    findings     plain values of the run that made it
    pages        texts that are laid beside it when it is saved: card and report
    """

    members: tuple[Member, ...]
    task: Task
    domain: Domain
    temperature: float = 1.0
    columns: dict[str, str] = field(default_factory=dict)
    findings: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def proba(self, dataset: Dataset, *, store: Store | None = None, progress: bool = False) -> Matrix:
        """Calibrated class probabilities of samples that are known to be readable; shape (n, n_classes), float64."""
        if dataset.modality != self.domain.modality:
            raise DataError(f"this model reads {self.domain.modality} samples; these are {dataset.modality}")
        maps = [member.map for member in self.members]
        return self.head_proba(*matrices_of(maps, dataset, store=store, progress=progress))

    def head_proba(self, *features: Any) -> Matrix:
        """From the features of each member (n, d) to probabilities; classes that no head ever saw get 0."""
        answers = [
            member.weight * member.proba(X, self.task.n_classes)
            for member, X in zip(self.members, features, strict=True)
        ]
        mixed, proba = np.sum(answers, axis=0), np.zeros((len(answers[0]), self.task.n_classes))
        if len(mixed):
            seen = np.unique(np.concatenate([member.head.classes_ for member in self.members]))
            proba[:, seen] = apply_temperature(mixed[:, seen], self.temperature)
        return proba

    @property
    def map(self) -> FeatureMap:
        """Where the only member's features come from. Raises `ModelError` for a mixture."""
        return self._only.map

    @property
    def head(self) -> Any:
        """The only member's head. Raises `ModelError` for a mixture."""
        return self._only.head

    @property
    def _only(self) -> Member:
        if len(self.members) > 1:
            names = " and ".join(member.map.name for member in self.members)
            raise ModelError(
                f"this model is a mixture of {names}, and what was asked for needs a model of one network; make one "
                "with `headstart transfer … --mix never`"
            )
        return self.members[0]

    @property
    def license(self) -> str:
        """Of the backbones' weights, each once; what holds no weights of others says nothing where another does."""
        found = dict.fromkeys(member.map.backbone.license for member in self.members)
        stated = [each for each in found if not each.startswith("none")] or list(found)[:1]
        return " and ".join(stated)

    def predict(
        self,
        samples: str | Path | Sequence[Any] | pd.DataFrame | Dataset,
        *,
        abstain: float = 0.0,
        store: Store | None = None,
        progress: bool = False,
    ) -> list[Prediction]:
        """One prediction per sample, in order; unreadable samples carry a reason in place of a label.

        `samples`: a list of paths or texts, a folder, a table, an array, or a Dataset. Below the confidence `abstain`
        the label stays empty and the reason says so.
        """
        return list(self.stream(self.dataset(samples), abstain=abstain, store=store, progress=progress))

    def dataset(self, samples: Any) -> Dataset:
        """Samples of any kind as an unlabelled dataset of this model's domain."""
        if isinstance(samples, Dataset):
            return samples
        if isinstance(samples, list | tuple):
            return self._from_list(samples)
        if isinstance(samples, str | Path) and Path(samples).is_dir():
            return self._from_list(picture_files(Path(samples)))
        return self.table(samples)

    def table(self, samples: Any, *, text: str | None = None, image: str | None = None) -> Dataset:
        """A table, array or file of numbers, read with the columns this model was trained on unless told otherwise."""
        text, image = text or self.columns.get("text"), image or self.columns.get("image")
        dataset = read(samples, text=text, image=image, modality=self.domain.modality)
        return self._with_columns(dataset) if self.domain.columns else dataset

    def _with_columns(self, dataset: Dataset) -> Dataset:
        """A vector dataset's columns in this model's order, others (a label, say) left out."""
        missing = [column for column in self.domain.columns if column not in dataset.domain.columns]
        if missing:
            raise DataError(
                f"the table lacks {len(missing)} of this model's {len(self.domain.columns)} columns, "
                f"first '{missing[0]}'; it has: {', '.join(dataset.domain.columns[:12])}"
            )
        order = [dataset.domain.columns.index(column) for column in self.domain.columns]
        assert isinstance(dataset.items, VectorRows)
        return replace(dataset, domain=self.domain, items=VectorRows(dataset.items.matrix[:, order]))

    def _from_list(self, samples: Sequence[Any]) -> Dataset:
        if self.domain.modality in ("image", "audio"):
            items = [Path(sample) if isinstance(sample, str) else sample for sample in samples]
        else:
            items = list(samples)
        ids = tuple(str(item) if isinstance(item, Path) else f"row {row}" for row, item in enumerate(items, start=1))
        return Dataset(self.domain, Task(), items, np.full(len(items), -1, dtype=np.int64), ids)

    def stream(
        self, dataset: Dataset, *, abstain: float = 0.0, store: Store | None = None, progress: bool = False
    ) -> Iterator[Prediction]:
        """Predictions chunk by chunk, so that a long run shows its results and keeps them when interrupted."""
        for start in range(0, len(dataset), CHUNK):
            chunk = dataset.take(np.arange(start, min(start + CHUNK, len(dataset))))
            good, reasons = usable(chunk)
            proba = self.proba(chunk.take(good), store=store, progress=progress) if len(good) else ()
            probabilities = iter(proba)
            for id_, reason in zip(chunk.ids, reasons, strict=True):
                if reason:
                    yield Prediction(id=id_, label="", confidence=float("nan"), reason=reason)
                else:
                    yield self._prediction(id_, next(probabilities), abstain)

    def _prediction(self, id_: str, proba: Matrix, abstain: float) -> Prediction:
        best = int(proba.argmax())
        confidence = float(proba[best])
        kept = confidence >= abstain
        return Prediction(
            id=id_,
            label=self.task.classes[best] if kept else "",
            confidence=confidence,
            proba=dict(zip(self.task.classes, map(float, proba), strict=True)),
            reason="" if kept else f"abstained: confidence {confidence:.3f} is below {abstain:g}",
            abstained=not kept,
        )

    def save(
        self,
        folder: str | Path,
        *,
        standalone: bool = False,
        overwrite: bool = False,
        pages: Mapping[str, str] | None = None,
    ) -> Path:
        """Write the model folder (see `models.folder.save`, which this calls)."""
        from headstart.models.folder import save

        return save(self, folder, standalone=standalone, overwrite=overwrite, pages=pages or self.pages)
