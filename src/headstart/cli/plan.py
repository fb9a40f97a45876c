"""`headstart plan DATA`"""

from __future__ import annotations

from pathlib import Path

import click

from headstart.cli.output import bars, show


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the plan: plan.json, or a picture .html.")
@click.option("-b", "--backbone", "backbones", multiple=True, metavar="NAME", help="What to consider. Repeatable.")
@click.option("--layer", "layers", multiple=True, help="Layers to take together; default: each, and all of them.")
@click.option("--budget", metavar="TIME", help="What executing the plan may take: 90s, 10min, 2h.")
@click.option("--latency", metavar="TIME", help="What one sample may take: 20ms.")
@click.option("--max-params", metavar="N", help="Weights that the network may have: 25M.")
@click.option("--license", "licenses", multiple=True, metavar="PATTERN", help="e.g. apache, 'cc-by*'. Repeatable.")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="Rows of one group never fall on both sides of a split.")
@click.option("--test", default=0.25, show_default=True, help="Share held out, where the data brings no split.")
@click.option("--no-race", is_flag=True, help="Train nothing: what the probes cannot tell stays open.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def plan(
    data: Path, output: Path | None, backbones: tuple[str, ...], layers: tuple[str, ...], budget: str | None,
    latency: str | None, max_params: str | None, licenses: tuple[str, ...], text: str | None, image: str | None,
    label: str | None, group: str | None, test: float, no_race: bool, seed: int, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Foretell what each way to transfer would give on DATA, and say which to take and why.

    \b
    headstart plan photos/ --backbone timm/resnet18.a1_in1k --budget 10min -o plan.json
    headstart plan reviews.csv --text text --label label -o plan.html
    headstart transfer photos/ --plan plan.json -o model/
    """
    from headstart.jobs import planning

    made = planning.plan(
        data, backbones=backbones or None, layers=layers or None, text=text, image=image, label=label, group=group,
        test=test, budget=budget, latency=latency, max_params=max_params, license=licenses, racing=not no_race,
        seed=seed, progress=bars(quiet=quiet),
    )  # fmt: skip
    show(made, as_json=as_json)
    if output is not None:
        planning.write(made, output)
        click.echo(f"plan {output}", err=as_json)
