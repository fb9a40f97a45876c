"""`headstart diagnose SOURCE TARGET`"""

from __future__ import annotations

import json
from pathlib import Path

import click

from headstart.cli.output import bars


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("-b", "--backbone", metavar="NAME", help="What both travel through, e.g. timm/resnet18.a1_in1k.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report with its picture (HTML).")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="Rows of one group are not independent (one object, person, day).")
@click.option("--alpha", default=0.05, show_default=True, help="Chance of any wrong 'differs'.")
@click.option("--margin", default=0.05, show_default=True, help="Loss of accuracy that counts as none.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def diagnose(
    source: Path, target: Path, backbone: str | None, output: Path | None, text: str | None, image: str | None,
    label: str | None, group: str | None, alpha: float, margin: float, seed: int, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Tell how SOURCE and TARGET differ, what that costs, and which methods suit.

    Both are folders, tables or arrays, labelled or not; SOURCE may be a saved model's folder.

    \b
    headstart diagnose rendered/ handwritten/ --backbone raw
    headstart diagnose books.csv kitchen.csv --text text --label label -o report.html
    """
    from headstart.jobs import diagnosing

    found = diagnosing.diagnose(
        source, target, backbone=backbone, text=text, image=image, label=label, group=group, seed=seed,
        progress=bars(quiet=quiet), alpha=alpha, margin=margin,
    )  # fmt: skip
    click.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else str(found))
    if output is not None:
        output.write_text(found.report, encoding="utf-8")
        click.echo(f"report {output}", err=as_json)
