"""`headstart`: the door. Commands are imported when they run; errors become one line and an exit status."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from importlib.util import find_spec
from typing import Any

import click

from headstart import __version__
from headstart.errors import HeadstartError

COMMANDS = {
    "adapt": "headstart.cli.adapt:adapt",
    "check": "headstart.cli.check:check",
    "diagnose": "headstart.cli.diagnose:diagnose",
    "doctor": "headstart.cli.doctor:doctor",
    "plan": "headstart.cli.plan:plan",
    "predict": "headstart.cli.predict:predict",
    "rank": "headstart.cli.rank:rank",
    "store": "headstart.cli.store:store",
    "study": "headstart.cli.study:study",
    "transfer": "headstart.cli.transfer:transfer",
}
INTERRUPTED = "interrupted; what was computed is kept; run the same command again"


class Failure(click.ClickException):
    """What the user can mend: one line, exit status 2 (1 is for a run that finished with some inputs failing)."""

    exit_code = 2


class Door(click.Group):
    """A group that imports a command only when it is asked for, and turns errors into help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for name, target in COMMANDS.items() if find_spec(target.partition(":")[0]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(f"\n{INTERRUPTED}", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            raise  # the reader of our output left; click ends the process quietly
        except (HeadstartError, OSError) as error:
            if ctx.params["debug"]:
                click.echo(traceback.format_exc(), err=True)
            raise Failure(_one_line(error)) from error


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, HeadstartError) and error.strerror:
        return error.strerror + (f": {error.filename}" if error.filename else "")
    return " ".join(str(error).split())


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headstart")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Transfer learning by measurement: from data to a proven model."""


def main() -> None:
    """Run the command line (the `headstart` script)."""
    try:
        cli(prog_name="headstart")
    finally:
        _flush()


def _flush() -> None:
    """Write what is buffered; where the reader has left (`headstart … | head`), say nothing at exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
