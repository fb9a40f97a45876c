"""A probe reports whatever happens in its process, and survives it."""

from __future__ import annotations

from headstart.installation.probe import probe


def test_a_program_that_works() -> None:
    outcome = probe("print('first'); print('last')")
    assert (outcome.worked, outcome.output, outcome.signal) == (True, "last", "")


def test_a_program_that_raises_says_why() -> None:
    outcome = probe("raise RuntimeError('operator torchvision::nms does not exist')")
    assert not outcome.worked
    assert outcome.complaint == "RuntimeError: operator torchvision::nms does not exist"


def test_a_program_that_dies_names_the_signal() -> None:
    outcome = probe("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert (outcome.worked, outcome.signal) == (False, "SIGILL")


def test_a_program_that_never_ends_is_ended() -> None:
    outcome = probe("import time; time.sleep(60)", seconds=0.5)
    assert not outcome.worked
    assert "no answer within" in outcome.complaint


def test_a_probe_is_offline() -> None:
    assert probe("import os; print(os.environ['HF_HUB_OFFLINE'])").output == "1"
