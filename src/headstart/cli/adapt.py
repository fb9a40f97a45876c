"""`headstart adapt SOURCE TARGET -o model/`"""

from __future__ import annotations

import json
from pathlib import Path

import click

from headstart.cli.output import bars


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the model, its card and its report.")
@click.option(
    "-m", "--method", default="auto", show_default=True, metavar="NAME",
    help="e.g. coral, tca, jda, 'open_set?inner=coral'.",
)  # fmt: skip
@click.option("-b", "--backbone", metavar="NAME", help="What both travel through; chosen on the source if not named.")
@click.option("--layer", metavar="NAME", help="The backbone's layer; likewise.")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--seed", default=0, show_default=True)
@click.option("--standalone", is_flag=True, help="Store the backbone's weights inside the model folder.")
@click.option("--overwrite", is_flag=True, help="Replace a model that is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def adapt(
    source: Path, target: Path, output: Path | None, method: str, backbone: str | None, layer: str | None,
    text: str | None, image: str | None, label: str | None, seed: int, standalone: bool, overwrite: bool,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Carry the labels of SOURCE over to TARGET, where few or none are known.

    Labels of a wholly labelled TARGET only measure what adapting brings; those of a partly labelled one are used.

    \b
    headstart adapt rendered/ handwritten/ -o model/
    headstart adapt books.csv kitchen.csv --text text --label label --method msda -o model/
    """
    from headstart.jobs import adapting
    from headstart.models.folder import refuse_foreign

    if output is not None:
        refuse_foreign(output, overwrite=overwrite)  # before the work, not after it
    found = adapting.adapt(
        source, target, method=method, backbone=backbone, layer=layer, text=text, image=image, label=label, seed=seed,
        progress=bars(quiet=quiet), quiet=True,
    )  # fmt: skip
    click.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else str(found))
    if output is not None:
        found.save(output, standalone=standalone, overwrite=overwrite)
        click.echo(f"model  {output}", err=as_json)
