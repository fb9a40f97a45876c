"""StochNorm: each channel tosses a coin between the batch's statistics and the source's (Kou et al., NeurIPS 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.errors import TrainingError
from headstart.training.norms import batch_norms_of


class StochasticNorm(nn.Module):
    """A BatchNorm that, in training, normalises each channel by the batch with probability `share`, else by the running
    statistics. Parameters, buffers and their names are those of the BatchNorm it stands for; in eval mode, so is the
    output, dropout and activation of timm's BatchNormAct2d included."""

    def __init__(self, norm: _BatchNorm, *, share: float) -> None:
        super().__init__()
        self.share, self.eps, self.momentum = share, norm.eps, norm.momentum
        self.weight, self.bias = norm.weight, norm.bias
        self.after = nn.Sequential(*norm.children())
        self.running_mean: Tensor
        self.running_var: Tensor
        self.num_batches_tracked: Tensor
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(norm, name))
        self.train(norm.training)

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training:
            return self._after(self._normalised(inputs, self.running_mean, self.running_var))
        # before the batch is collected into them; a copy, since that writes in place
        by_source = self._normalised(inputs, self.running_mean.clone(), self.running_var.clone())
        self.num_batches_tracked.add_(1)
        momentum = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        by_batch = functional.batch_norm(
            inputs, self.running_mean, self.running_var, self.weight, self.bias, True, momentum, self.eps
        )
        coin = torch.rand(inputs.shape[1], device=inputs.device) < self.share
        return self._after(torch.where(coin.view(1, -1, *[1] * (inputs.ndim - 2)), by_batch, by_source))

    def _after(self, normalised: Tensor) -> Tensor:
        output: Tensor = self.after(normalised)
        return output

    def _normalised(self, inputs: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return functional.batch_norm(inputs, mean, variance, self.weight, self.bias, False, 0.0, self.eps)


def stochastic_norms(model: nn.Module, *, share: float = 0.5) -> list[str]:
    """Put a `StochasticNorm` in the place of every BatchNorm of `model`; the paths where that was done.

    Saved weights fit before and after. **Warning:** it rests on running statistics that suit the target's features. For
    supervised backbones the published gains are small; for self-supervised ones it has been seen to harm (MoCo on
    CUB-200: 53.6 before, 49.7 after, in TLlib's tables). Compare with `batch_norms(model, "train")` on validation rows.

    Raises `TrainingError` where there is no BatchNorm with running statistics, or one that does more than is known.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is a probability, got {share}")
    norms = {path: norm for path, norm in batch_norms_of(model).items() if norm.running_mean is not None}
    if not norms:
        raise TrainingError(
            "the model has no BatchNorm with running statistics, so there is nothing to make stochastic"
        )
    for path, norm in norms.items():
        parent, _, name = path.rpartition(".")
        if not path:
            raise TrainingError("the model is itself a BatchNorm; wrap it into a network first")
        assert isinstance(norm, _BatchNorm)
        if not _is_known(norm):
            raise TrainingError(
                f"'{path}' is a {type(norm).__name__}, which does more than a BatchNorm, so it cannot be made "
                "stochastic; train without StochNorm"
            )
        setattr(model.get_submodule(parent), name, StochasticNorm(norm, share=share))
    return list(norms)


def _is_known(norm: _BatchNorm) -> bool:
    """Whether it normalises and no more, or as timm's BatchNormAct2d drops and activates after it, in that order."""
    plain = type(norm).forward is _BatchNorm.forward or isinstance(norm, nn.SyncBatchNorm)
    children = [name for name, _ in norm.named_children()]
    return children == ["drop", "act"] if children else plain
