import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from headstart.errors import DataError
from headstart.training.batches import Batch
from headstart.training.terms.term import Sum, Term

weights = st.floats(-100, 100)


class Column(Term):
    """The mean of one column: a term whose value is known."""

    def __init__(self, name: str) -> None:
        self.needs = (name,)

    def __call__(self, batch, model):
        return batch[self.needs[0]].mean()

    def __str__(self):
        return f"Column({self.needs[0]})"


a, b, c = Column("a"), Column("b"), Column("c")
batch = Batch(torch.zeros(2, 1), {"a": torch.tensor([1.0, 3.0]), "b": torch.tensor([5.0]), "c": torch.tensor([-7.0])})
model = nn.Identity()


def value(term):
    return float(term(batch, model))


@settings(max_examples=30, deadline=None)
@given(weights, weights, weights)
def test_terms_are_a_vector_space(u, v, w):
    assert value(u * a + v * b) == pytest.approx(u * 2 + v * 5, abs=1e-3)
    assert value(w * (u * a + b)) == pytest.approx(value(w * u * a + w * b), rel=1e-5, abs=1e-3)
    assert value((a + b) + c) == pytest.approx(value(a + (b + c)))
    assert value(a * u) == pytest.approx(value(u * a))


def test_python_sum_adds_terms():
    assert value(sum([a, b, c])) == pytest.approx(0.0)


def test_sums_stay_flat_and_say_what_they_are():
    total = 2 * (a + 0.5 * b) + c
    assert isinstance(total, Sum)
    assert [term for _, term in total.parts] == [a, b, c]
    assert str(total) == "2 * Column(a) + Column(b) + Column(c)"


def test_needs_are_those_of_all_terms_each_once():
    assert (a + b + a).needs == ("a", "b")


def test_missing_columns_are_named_before_training():
    with pytest.raises(DataError, match=r"needs labels and domains; the batches carry a, b, c"):
        (a + Column("labels") + Column("domains")).check(batch)
    with pytest.raises(DataError, match="nothing but inputs"):
        a.check(Batch(torch.zeros(1)))


@pytest.mark.parametrize("wrong", ["2", None, True, torch.ones(2)])
def test_only_numbers_are_weights(wrong):
    with pytest.raises(TypeError):
        wrong * a


def test_weights_are_finite():
    with pytest.raises(ValueError, match="finite"):
        float("nan") * a


def test_only_terms_can_be_added():
    with pytest.raises(TypeError):
        a + 1
