"""`headstart doctor`: what is installed, what of it works, and how to mend the rest."""

from __future__ import annotations

import sys

import click

from headstart.cli.output import as_document


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def doctor(as_json: bool) -> None:
    """Say what of this installation works, and how to mend the rest.

    The exit status is 1 when something is installed and broken; what is merely absent is no fault.
    """
    from headstart.installation.examination import examine

    findings = examine()
    click.echo(as_document(findings) if as_json else "\n".join(map(str, findings)))
    if any(finding.status == "broken" for finding in findings):
        sys.exit(1)
