import logging

import pytest

from headstart.backbones.torchvision_shim import make_torchvision_importable
from headstart.errors import DataError, MissingExtra
from headstart.training.views import usual
from headstart.training.views.drawings import Drawings
from headstart.training.views.photos import Photos
from headstart.training.views.spectrograms import Masking
from headstart.training.views.tokens import TokenDropout


@pytest.fixture(autouse=True)
def nothing_remembered():
    usual.photos.cache_clear()
    yield
    usual.photos.cache_clear()


def test_each_kind_of_samples_has_its_own():
    make_torchvision_importable()
    pytest.importorskip("timm")
    kinds = {"image": Photos, "text": TokenDropout, "audio": Masking}
    assert {kind: type(usual.usual_augmenter(kind)) for kind in kinds} == kinds


def test_without_torchvision_photos_are_moved_and_the_log_says_so(monkeypatch, caplog):
    def missing():
        raise MissingExtra("torchvision is not installed")

    monkeypatch.setattr(usual, "functional", missing)
    with caplog.at_level(logging.WARNING):
        augment = usual.usual_augmenter("image")
    assert isinstance(augment, Drawings)
    assert augment.movement.flip
    assert "torchvision is not installed" in caplog.text


def test_vectors_have_none():
    with pytest.raises(DataError, match="no augmented views of vectors"):
        usual.usual_augmenter("vector")
