"""Out of memory: which batch size would have fitted."""

from __future__ import annotations

import torch

from headstart.errors import TrainingError
from headstart.training.batches import Batch
from headstart.training.update import Update


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or a CPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "not enough memory" in str(error)


def updated(update: Update, batch: Batch, step: int) -> float | None:
    """`update(batch)`; where memory runs out, the error names the batch size that fits."""
    try:
        return update(batch)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    batch.forget()
    raise does_not_fit(update, batch, step)  # out of the handler: its traceback would keep the pass that failed


def does_not_fit(update: Update, batch: Batch, step: int) -> TrainingError:
    """The error to raise when `batch` does not fit: halves of it are tried, without an update, until one does.

    Weights stay as they are, and running statistics as the pass that failed has left them.
    """
    fits = _largest_that_fits(update, batch)
    asked = f"{len(batch)} rows at once do not fit into memory (step {step})"
    if not fits:
        return TrainingError(f"{asked}, and neither does a single one; take smaller inputs or a smaller network")
    parts = -(-len(batch) // fits)
    return TrainingError(
        f"{asked}; {fits} fit. Train with batch_size={fits}, or take each batch in parts: accumulate={parts} gives "
        f"the same updates and needs the memory of {fits} rows"
    )


def _largest_that_fits(update: Update, batch: Batch) -> int:
    buffers = [(buffer, buffer.clone()) for buffer in update.model.buffers()]
    rows = -(-len(batch) // update.accumulate)
    try:
        while rows > 1:
            rows //= 2
            if _fits(update, batch.slice(0, rows)):
                return rows
        return 0
    finally:
        for buffer, before in buffers:
            buffer.copy_(before)
        _forget(update)


def _fits(update: Update, batch: Batch) -> bool:
    _forget(update)
    try:
        update.gradients(batch, parts=1)
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            return False
        raise
    except ValueError:
        return False  # a single row has no batch statistics
    return True


def _forget(update: Update) -> None:
    """Gradients and cached blocks of the pass that failed."""
    update.optimizer.zero_grad(set_to_none=True)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
