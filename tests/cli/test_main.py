"""The door: help is instant, errors are one line with an exit status, an interrupted run says what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from headstart.cli import main as door
from headstart.errors import DataError

HEAVY = {"torch", "numpy", "sklearn", "scipy", "PIL", "timm", "transformers"}


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """`headstart check` now raises this."""

    @click.command("check")
    def check() -> None:
        """Fail."""
        raise error

    monkeypatch.setattr("headstart.cli.check.check", check)


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in sorted(door.COMMANDS))])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    program = (
        f"import sys; sys.argv = ['headstart', *{words!r}]\n"
        "from headstart.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted(name for name in sys.modules if '.' not in name), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(ended.stderr.strip().splitlines()[-1].replace("'", '"')))
    assert "click" in loaded
    assert not loaded & HEAVY
    assert "headstart" in ended.stdout


def test_every_command_of_the_table_is_there() -> None:
    shown = CliRunner().invoke(door.cli, ["--help"]).output
    assert [name for name in door.COMMANDS if f"\n  {name} " in shown] == list(door.COMMANDS)


def test_an_error_of_ours_is_one_line_and_status_2(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, DataError("photos/ holds no pictures;\n  give a folder with one subfolder per class"))
    ended = CliRunner().invoke(door.cli, ["check"])
    assert ended.exit_code == 2
    assert ended.stderr == "Error: photos/ holds no pictures; give a folder with one subfolder per class\n"
    assert ended.stdout == ""


def test_debug_shows_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, DataError("no pictures"))
    ended = CliRunner().invoke(door.cli, ["--debug", "check"])
    assert ended.exit_code == 2
    assert "Traceback" in ended.stderr
    assert ended.stderr.endswith("Error: no pictures\n")


def test_what_the_system_refuses_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, PermissionError(13, "Permission denied", "model/report.html"))
    ended = CliRunner().invoke(door.cli, ["check"])
    assert (ended.exit_code, ended.stderr) == (2, "Error: Permission denied: model/report.html\n")


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("a bug"))
    ended = CliRunner().invoke(door.cli, ["check"])
    assert isinstance(ended.exception, ZeroDivisionError)


def test_interrupting_says_that_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    ended = CliRunner().invoke(door.cli, ["check"])
    assert ended.exit_code == 130
    assert ended.stderr.strip() == "interrupted; what was computed is kept; run the same command again"


def test_a_misspelt_command_is_answered_in_words() -> None:
    ended = CliRunner().invoke(door.cli, ["transfre"])
    assert ended.exit_code == 2
    assert "No such command 'transfre'" in ended.stderr


def test_ctrl_c_in_a_real_process(tmp_path: Path) -> None:
    program = (
        "import time, click, headstart.cli.check as home\n"
        "@click.command()\n"
        "def check():\n"
        "    print('working', flush=True)\n"
        "    time.sleep(60)\n"
        "home.check = check\n"
        "import sys; sys.argv = ['headstart', 'check']\n"
        "from headstart.cli.main import main; main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "working\n"
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=20)
    assert running.returncode == 130
    assert door.INTERRUPTED in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize("lines", [1, 200_000])
def test_a_reader_that_leaves_is_no_error(lines: int) -> None:
    program = (
        "import sys, click, headstart.cli.check as home\n"
        "@click.command()\n"
        "def check():\n"
        "    sys.stdin.readline()\n"
        f"    print('line\\n' * {lines})\n"
        "home.check = check\n"
        "sys.argv = ['headstart', 'check']\n"
        "from headstart.cli.main import main; main()\n"
    )
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE, text=True
    ) as running:
        os.close(writing)
        os.close(reading)  # nobody reads what it is about to write
        _, complaint = running.communicate("go\n", timeout=20)
    assert complaint == ""
