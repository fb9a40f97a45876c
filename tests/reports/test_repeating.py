"""How to repeat a run: a block that a shell can take."""

from __future__ import annotations

import shlex

from headstart.reports.repeating import as_text, command_line, facts


def test_a_list_of_arguments_is_quoted_for_the_shell() -> None:
    arguments = ["headstart", "transfer", "my photos/", "--label", "it's; rm -rf"]
    assert shlex.split(command_line({"command": arguments})) == arguments


def test_versions_become_one_line_and_empty_facts_go() -> None:
    repeat = {"command": "x", "seed": 0, "backbone": "", "versions": {"torch": "2.13.0", "numpy": "2.4"}, "none": None}
    assert facts(repeat) == [("seed", "0"), ("versions", "torch 2.13.0, numpy 2.4")]


def test_facts_are_comments_whatever_they_hold() -> None:
    text = as_text({"command": "headstart transfer a", "note": "first\nrm -rf /", "b\nad": "name"})
    assert text.splitlines()[0] == "headstart transfer a"
    assert all(line.startswith("# ") for line in text.splitlines()[1:])


def test_nothing_to_repeat_is_empty() -> None:
    assert as_text({}) == ""
