"""The augmentation that suits a kind of samples, where nobody has chosen one."""

from __future__ import annotations

import logging
from functools import cache

from headstart.errors import DataError, MissingExtra
from headstart.problem import Modality
from headstart.training.augmentation import Augmentation
from headstart.training.views.drawings import Drawings
from headstart.training.views.photos import Photos, functional
from headstart.training.views.spectrograms import Masking
from headstart.training.views.tokens import TokenDropout
from headstart.training.views.view import Augmenter

log = logging.getLogger(__name__)


def usual_augmenter(modality: Modality) -> Augmenter:
    """Pictures are taken for photos. Raises `DataError` for vectors: no change of a row is known to keep its class."""
    if modality == "image":
        return photos()
    if modality == "text":
        return TokenDropout()
    if modality == "audio":
        return Masking()
    raise DataError("there are no augmented views of vectors; train on the rows as they are (views=1)")


@cache
def photos() -> Augmenter:
    """`Photos`; where torchvision cannot be had, moved and mirrored ones, and the log says so."""
    try:
        functional()
    except MissingExtra as cause:
        log.warning("photos are only moved and mirrored, without changes of size and light: %s", cause)
        return Drawings(movement=Augmentation(shift=0.1, turn=5.0, stretch=0.15, flip=True))
    return Photos()
