"""`headstart check DATA`: look before learning."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headstart.cli.output import bars, show


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="Rows of one group never fall on both sides of a split.")
@click.option("--test", default=0.25, show_default=True, help="Share held out, where the data brings no split.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def check(
    data: Path, text: str | None, image: str | None, label: str | None, group: str | None, test: float, seed: int,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Read DATA once and show its classes, rejects, duplicates and split.

    The exit status is 1 when some samples had to be left out.
    """
    from headstart.jobs.surveying import survey

    found = survey(
        data, text=text, image=image, label=label, group=group, test=test, seed=seed, progress=bars(quiet=quiet)
    )
    show(found, as_json=as_json)
    if found.rejects:
        sys.exit(1)
