import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.training.chance import chance, generator, seed_of

places = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3).map(tuple)


@settings(max_examples=30, deadline=None)
@given(places, places)
def test_places_have_their_own_seeds(first, second):
    assert (seed_of(0, *first) == seed_of(0, *second)) == (first == second)


def test_a_generator_gives_the_same_numbers_at_the_same_place():
    assert torch.equal(torch.rand(5, generator=generator(3, 1)), torch.rand(5, generator=generator(3, 1)))
    assert not torch.equal(torch.rand(5, generator=generator(3, 1)), torch.rand(5, generator=generator(3, 2)))


def test_the_global_generator_is_given_back_as_it_was():
    torch.manual_seed(11)
    expected = torch.rand(4)
    torch.manual_seed(11)
    with chance(5):
        torch.rand(100)
    assert torch.equal(torch.rand(4), expected)


def test_inside_the_global_generator_starts_from_the_place_whatever_came_before():
    drawn = []
    for before in (0, 17):
        torch.rand(before)
        with chance(5, 2):
            drawn.append(torch.rand(3))
    assert torch.equal(*drawn)
