"""How to get the same numbers again: the command as one line to copy, and the facts that fix the rest."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from headstart.reports.names import one_line


def command_line(repeat: Mapping[str, Any]) -> str:
    """The command to type; a list of arguments is quoted for the shell."""
    command = repeat.get("command", "")
    return command if isinstance(command, str) else shlex.join(str(part) for part in command)


def facts(repeat: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything else as (name, words), in the given order; a table of versions becomes one line."""
    shown = [(str(name), _words(value)) for name, value in repeat.items() if name != "command"]
    return [(name, words) for name, words in shown if words]


def as_text(repeat: Mapping[str, Any]) -> str:
    """The block to copy: the command, then each fact as a comment."""
    comments = [f"# {one_line(name)}: {one_line(words)}" for name, words in facts(repeat)]
    return "\n".join([line for line in (one_line(command_line(repeat)), *comments) if line])


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
