"""A small convolutional network for pictures of 8 to 96 pixels, made to be trained from scratch on little data.

3x3 convolutions only, doubling channels while halving maps (Simonyan & Zisserman, ICLR 2015), BatchNorm (Ioffe &
Szegedy, ICML 2015), global average pooling in place of fully connected layers (Lin, Chen & Yan, ICLR 2014).
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from headstart.backbones.network import NetworkBackbone
from headstart.backbones.picture_preparation import PicturePreparation
from headstart.backbones.seeding import seeded
from headstart.errors import BackboneError

SMALLEST, LARGEST = 8, 96


def open_conv(
    rest: str = "",
    *,
    size: int = 32,
    channels: int = 3,
    width: int = 32,
    classes: int = 2,
    mean: float = 0.5,
    std: float = 0.5,
    seed: int = 0,
) -> NetworkBackbone:
    """`conv`: random weights until trained. `module(batch)` gives logits, its last child is `classifier`.

    size      side of the input in pixels, 8 to 96; pictures are squashed to it
    channels  1 (grey) or 3
    width     channels of the first stage
    """
    if rest:
        raise BackboneError(f"'conv' takes options only, got 'conv/{rest}'; write e.g. conv?size=32")
    if not SMALLEST <= size <= LARGEST or channels not in (1, 3) or width < 1 or classes < 1:
        raise BackboneError(
            f"conv takes size {SMALLEST}..{LARGEST}, channels 1 or 3, width and classes from 1 up; got size={size}, "
            f"channels={channels}, width={width}, classes={classes}"
        )
    with seeded(seed):
        module = conv_network(size=size, channels=channels, width=width, classes=classes)
    options = {
        "size": size, "channels": channels, "width": width, "classes": classes, "mean": mean, "std": std, "seed": seed,
    }  # fmt: skip
    return NetworkBackbone(
        module,
        name="conv",
        modality="image",
        license="Apache-2.0",
        layers={name: name for name, _ in module.named_children() if name != "classifier"},
        preparation=PicturePreparation(
            size=(size, size), crop_mode="squash", mean=(mean,) * channels, std=(std,) * channels
        ),
        options=options,
        facts={"conv": {"size": size}},
        reopens=True,
    )


def conv_network(*, size: int, channels: int, width: int, classes: int) -> nn.Sequential:
    """(n, channels, size, size) → (n, classes): stage1 … stageN, pool, classifier.

    At least three stages, until maps are at most 7 pixels wide; inputs of 64 pixels and more are halved at once.
    """
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    side, inputs, outputs = size, channels, width
    for number in range(1, 6):
        halve = number > 1 or size >= 64
        stages[f"stage{number}"] = _stage(inputs, outputs, halve=halve)
        side = side // 2 if halve else side
        inputs, outputs = outputs, min(outputs * 2, 8 * width)
        if side < 8 and number > 2:
            break
    stages["pool"] = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    stages["classifier"] = nn.Linear(inputs, classes)
    return nn.Sequential(stages)


def _stage(inputs: int, outputs: int, *, halve: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.MaxPool2d(2)] if halve else []
    for first, second in ((inputs, outputs), (outputs, outputs)):
        layers += [nn.Conv2d(first, second, 3, padding=1, bias=False), nn.BatchNorm2d(second), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
