import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.samples import digest
from headstart.errors import DataError
from headstart.training.batches import Batches
from headstart.training.chance import generator
from headstart.training.views.drawings import Drawings
from headstart.training.views.photos import Photos
from headstart.training.views.spectrograms import Masking
from headstart.training.views.tokens import TokenDropout
from headstart.training.views.view import in_batches, view_key, view_of, views_of

PICTURES = list(torch.randint(0, 256, (5, 16, 20, 3), dtype=torch.uint8, generator=generator(0)))
TEXTS = [torch.randint(5, 99, (length,), generator=generator(length)) for length in (3, 8, 30, 30, 12)]
SOUNDS = list(torch.randn(5, 20, 30, generator=generator(0)))
KINDS = [(Photos(), PICTURES), (Drawings(), PICTURES), (TokenDropout(share=0.4), TEXTS), (Masking(), SOUNDS)]
kinds = pytest.mark.parametrize(("augment", "samples"), KINDS, ids=["photos", "drawings", "tokens", "masking"])


def keys(samples):
    return [digest(sample.numpy()) for sample in samples]


@kinds
@settings(max_examples=10, deadline=None)
@given(view=st.integers(1, 2**40), order=st.permutations(range(5)), size=st.integers(1, 5))
def test_a_view_depends_on_content_and_number_alone(augment, samples, view, order, size):
    alone = [view_of(one, augment, digest=key, view=view) for one, key in zip(samples, keys(samples), strict=True)]
    torch.rand(3)  # somebody else draws from the global generator
    chosen = [samples[row] for row in order[:size]]
    together = views_of(chosen, augment, digests=keys(chosen), view=view)
    assert all(torch.equal(one, alone[row]) for one, row in zip(together, order, strict=False))


@kinds
def test_other_views_and_other_contents_get_other_changes(augment, samples):
    views = [view_of(samples[2], augment, digest=keys(samples)[2], view=view) for view in range(6)]
    assert sum(torch.equal(views[0], other) for other in views[1:]) <= 1
    assert not torch.equal(views[1], views[2])
    content_of_another = view_of(samples[2], augment, digest=keys(samples)[0], view=1)
    assert not torch.equal(views[1], content_of_another)


@kinds
def test_view_0_is_the_sample_and_the_sample_stays(augment, samples):
    before = samples[3].clone()
    assert view_of(samples[3], augment, digest=b"any", view=0) is samples[3]
    view_of(samples[3], augment, digest=b"any", view=1)
    assert torch.equal(samples[3], before)


@kinds
def test_the_global_generator_is_left_alone(augment, samples):
    state = torch.get_rng_state()
    view_of(samples[1], augment, digest=b"any", view=7)
    assert torch.equal(torch.get_rng_state(), state)


@kinds
def test_the_key_of_a_view_names_what_made_it(augment, samples):
    assert view_key(augment, 0) == view_key(None, 0) == 0
    assert view_key(augment, 1) != view_key(augment, 2)
    assert len({str(view_key(other, 1)) for other, _ in KINDS}) == len(KINDS)


def test_a_changed_setting_changes_the_key():
    assert view_key(Photos(), 1) != view_key(Photos(light=0.1), 1)
    assert view_key(Drawings(), 1) == view_key(Drawings(), 1)


def test_in_batches_the_step_alone_decides():
    inputs = torch.stack(PICTURES)
    batches = [Batches(inputs, {}, size=2, seed=4, augment=in_batches(Photos())) for _ in range(2)]
    batches[0](0)  # a run that was never stopped; the other starts at step 1
    assert torch.equal(batches[0](1).inputs, batches[1](1).inputs)
    assert not torch.equal(batches[0](1).inputs, inputs[torch.from_numpy(batches[0].rows(1))])


def test_misuse_says_what_is_wrong():
    with pytest.raises(DataError, match="counted from 0"):
        view_of(PICTURES[0], Photos(), digest=b"", view=-1)
    with pytest.raises(DataError, match="5 samples but 1 digests"):
        views_of(PICTURES, Photos(), digests=[b""], view=1)
    with pytest.raises(DataError, match="needs an augmentation"):
        view_key(None, 1)
