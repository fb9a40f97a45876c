"""`headstart rank DATA -b NAME -b NAME`"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from headstart.cli.output import bars, show


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-b", "--backbone", "--backbones", "backbones", multiple=True, metavar="NAME",
    help="e.g. timm/resnet18.a1_in1k, sentence/all-MiniLM-L6-v2, words/glove.txt, raw. Repeatable.",
)  # fmt: skip
@click.argument("more", nargs=-1, metavar="[NAME]...")
@click.option("--by", default="kit", show_default=True, metavar="METRIC", help="e.g. ridge_loo, logme, hscore, parc.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report with layer profiles (HTML).")
@click.option(
    "--pooling", "poolings", multiple=True, default=("mean",), type=click.Choice(("mean", "max")),
    help="Over a layer's positions. Repeatable.",
)  # fmt: skip
@click.option("--rows", default=2000, show_default=True, help="Labelled samples looked at, at most.")
@click.option("--test", default=0.25, show_default=True, help="Share that transfer will hold out: not looked at.")
@click.option("--max-params", metavar="N", help="Weights that a network may have: 25M.")
@click.option("--max-memory", metavar="SIZE", help="What its weights may take: 100MB.")
@click.option("--latency", metavar="TIME", help="What one sample may take: 20ms.")
@click.option("--license", "licenses", multiple=True, metavar="PATTERN", help="e.g. apache, 'cc-by*'. Repeatable.")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="One row of each group is looked at.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def rank(
    data: Path, backbones: tuple[str, ...], more: tuple[str, ...], by: str, output: Path | None,
    poolings: tuple[Literal["mean", "max"], ...], rows: int, test: float,
    max_params: str | None, max_memory: str | None, latency: str | None, licenses: tuple[str, ...],
    text: str | None, image: str | None, label: str | None, group: str | None, seed: int, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Rank backbones and their layers for DATA, without training anything.

    \b
    headstart rank photos/ --backbones timm/resnet18.a1_in1k timm/mobilenetv3_small_100.lamb_in1k raw
    headstart rank reviews.csv --text text --label label -o report.html
    """
    from headstart.jobs import ranking
    from headstart.reports.ranking_page import render
    from headstart.selection.limits import Limits
    from headstart.selection.quantities import bytes_of, count_of, seconds_of

    limits = Limits(
        params=None if max_params is None else count_of(max_params),
        bytes=None if max_memory is None else bytes_of(max_memory),
        latency=None if latency is None else seconds_of(latency),
        licenses=licenses,
    )
    found = ranking.rank(
        data, backbones=(*backbones, *more) or None, by=by, limits=limits, rows=rows, test=test, poolings=poolings,
        text=text, image=image, label=label, group=group, seed=seed, progress=bars(quiet=quiet), quiet=True,
    )  # fmt: skip
    show(found, as_json=as_json)
    if output is not None:
        output.write_text(render(found), encoding="utf-8")
        click.echo(f"report {output}", err=as_json)
