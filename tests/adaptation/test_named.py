"""Methods by name, with options in the manner of backbones."""

from __future__ import annotations

import pytest

from headstart.adaptation import ADAPTERS
from headstart.adaptation.named import method_named
from headstart.errors import DataError, UnknownName


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_a_plain_name_is_the_method_as_it_comes(name: str) -> None:
    assert method_named(name).get_params(deep=False) == ADAPTERS[name]().get_params(deep=False)


def test_options_are_read_by_their_kind() -> None:
    asked = {"mu": 10, "components": 20, "kernel": "linear", "landmarks": 300}
    found = method_named("tca?" + "&".join(f"{name}={value}" for name, value in asked.items())).get_params()
    assert {name: found[name] for name in asked} == asked
    assert method_named('auto?candidates=["coral","tca"]').get_params()["candidates"] == ("coral", "tca")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("open_set?iner=coral", "Unknown option of open_set 'iner'. Did you mean 'inner'"),
        ("corl?ridge=1", "Did you mean 'coral'"),
        ("kmm?seed=1", "Unknown option of kmm 'seed'"),
        ("coral?head=1", "Unknown option of coral 'head'"),
    ],
)
def test_what_there_is_not_is_named_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(UnknownName) as error:
        method_named(name)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name", ["coral?ridge=much", "coral?ridge=true", "jda?unit=5", "open_set?inner=3", "coral?ridge"]
)
def test_values_of_another_kind_are_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"by default|cannot read the options"):
        method_named(name)
