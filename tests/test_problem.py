"""Tasks match by class name, never by the place a class happens to have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headstart.problem import UNLABELLED, Domain, Task

names = st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=8).map(tuple)


@given(names, names)
def test_codes_of_another_task_lead_to_the_same_names(ours: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    codes = Task(ours).codes_of(Task(theirs))
    assert len(codes) == len(theirs)
    for name, code in zip(theirs, codes, strict=True):
        assert (ours[code] == name) if name in ours else (code == UNLABELLED)


@given(names)
def test_a_task_knows_its_own_codes(classes: tuple[str, ...]) -> None:
    assert Task(classes).codes_of(Task(classes)) == tuple(range(len(classes)))
    assert [Task(classes).code(name) for name in classes] == list(range(len(classes)))


def test_long_lists_of_classes_are_shortened() -> None:
    assert str(Task(("ants", "bees"))) == "2 classes: ants, bees"
    assert str(Task(tuple("abcdefgh"))) == "8 classes: a, b, c, d, e, f … (8)"


def test_a_domain_says_what_it_is() -> None:
    assert str(Domain("image", "photos")) == "photos (image)"
    assert str(Domain("vector", columns=("age", "height"))) == "unnamed (vector, 2 columns)"
