"""What is said, and kept for inspection, when the loss runs away or is no number any more."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save

from headstart.training.batches import Batch
from headstart.training.best import Best
from headstart.training.checkpoint import plain, write_atomically


def diverged(step: int, rate: float, loss: float | None, best: Best, where: Path | None) -> str:
    """The message: what happened, what the model holds now, what to do, and where the batch lies."""
    what = "is no number" if loss is None else f"has run away (now {loss:.3g})"
    kept = f"of step {best.step}, loss {best.value:.3g}" if best.step else "it started from"
    batch = f"; that step's batch is in {where}" if where else ""
    return (
        f"the loss {what} at step {step} with learning rate {rate:.3g}; "
        f"the model holds the weights {kept}. "
        f"Try a learning rate ten times lower, and look for NaN in the inputs{batch}"
    )


def save_batch(batch: Batch, folder: Path | None, *, step: int) -> Path | None:
    """Write a batch as safetensors (inputs, columns, row numbers) into `folder`, or the system's place for temporary
    files; where it lies, None where there is no room for it."""
    inputs = batch.inputs if isinstance(batch.inputs, Mapping) else {"": batch.inputs}
    tensors = {f"inputs/{name}".rstrip("/"): tensor for name, tensor in inputs.items()}
    tensors |= {f"columns/{name}": column for name, column in batch.columns.items()}
    if batch.rows is not None:
        tensors["rows"] = batch.rows
    name = f"batch-of-step-{step}.safetensors"
    path = folder / name if folder else Path(tempfile.gettempdir()) / f"headstart-{uuid.uuid4().hex[:8]}-{name}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, save({key: plain(tensor) for key, tensor in tensors.items()}))
    except OSError:
        return None  # the run has failed already; that is what must be told
    return path
