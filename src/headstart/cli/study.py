"""`headstart study DATA`"""

from __future__ import annotations

import json
from pathlib import Path

import click

from headstart.cli.output import bars


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--from", "source", type=click.Path(path_type=Path), help="A labelled data set as A; DATA is then B.")
@click.option("-b", "--backbone", metavar="NAME", help="A pretrained network as A, e.g. timm/resnet18.a1_in1k.")
@click.option("--cuts", metavar="LAYERS", help="Layers to cut after, separated by commas; default: all.")
@click.option("--seeds", default=3, show_default=True, help="How often everything is drawn anew.")
@click.option("--views", type=int, help="Augmented views per sample that all networks learn from [default: 4].")
@click.option("--steps", type=int, help="Steps of every network; default: by the number of samples.")
@click.option("--probes", is_flag=True, help="Train nothing: only probe the layers of the backbone.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report with its plot (HTML).")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="Rows of one group never fall on both sides of a split.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def study(
    data: Path, source: Path | None, backbone: str | None, cuts: str | None, seeds: int, views: int | None,
    steps: int | None, probes: bool, output: Path | None, text: str | None, image: str | None, label: str | None,
    group: str | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Tell how transferable each layer of a network is, and why not.

    Without --from and --backbone the classes of DATA are dealt out to two tasks. Stopped (Ctrl-C), it goes on after
    the last finished network when it is run again.

    \b
    headstart study digits/ -o study.html
    headstart study handwritten/ --from rendered/ --cuts stage1,stage3
    headstart study photos/ --backbone timm/resnet18.a1_in1k --probes
    """
    from headstart.jobs import studying

    found = studying.study(
        data, source=source, backbone=backbone, cuts=None if cuts is None else [one.strip() for one in cuts.split(",")],
        seeds=seeds, views=views, steps=steps, probes_only=probes, text=text, image=image, label=label, group=group,
        progress=bars(quiet=quiet),
    )  # fmt: skip
    click.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else str(found))
    if output is not None:
        output.write_text(found.report, encoding="utf-8")
        click.echo(f"report {output}", err=as_json)
