import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.strategies.recipes import PHOTOS, SIGNS, WILD_SIGNS, picture_recipe, training_steps, vector_recipe


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 10**7), st.integers(8, 64), st.booleans())
def test_every_amount_of_data_has_a_bounded_recipe(n, side, grey):
    for recipe in (picture_recipe(n, side=side, grey=grey), vector_recipe(n)):
        assert 300 <= recipe.schedule.steps <= 3000


@given(st.integers(1, 10**6), st.integers(1, 10**6))
@settings(max_examples=30, deadline=None)
def test_more_data_never_means_fewer_steps(n, more):
    options = {"least": 300, "epochs": 12, "batch_size": 32}
    assert training_steps(n, **options) <= training_steps(n + more, **options)


def test_enough_data_is_seen_for_the_epochs_asked():
    assert training_steps(10_000, least=1, epochs=12, batch_size=128) == pytest.approx(12 * 10_000 / 128, abs=1)


def test_grey_pictures_are_never_mirrored_and_photos_are():
    assert picture_recipe(100, side=28, grey=True).augmentation == SIGNS
    assert picture_recipe(100, side=64, grey=False).augmentation == PHOTOS
    assert PHOTOS.flip
    assert not SIGNS.flip
    assert not WILD_SIGNS.flip
