"""`headstart transfer DATA -o model/`"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from headstart.cli.output import bars, show
from headstart.strategies.tuning.names import MIXES, STRATEGIES, MixName, StrategyName


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the model, its card and its report.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="A labelled data set, or a saved model folder.")
@click.option(
    "-b",
    "--backbone",
    "backbones",
    multiple=True,
    metavar="NAME",
    help="e.g. timm/resnet18.a1_in1k, sentence/all-MiniLM-L6-v2, words/glove.txt, tfidf. Repeatable.",
)
@click.option("--layer", "layers", multiple=True, help="Layers to take together; default: the last, and all of them.")
@click.option("--head", "heads", multiple=True, help="Restrict the choice of heads. Repeatable.")
@click.option("--text", metavar="COLUMN", help="Column of a table that holds the text.")
@click.option("--image", metavar="COLUMN", help="Column of a table that holds image paths.")
@click.option("--label", metavar="COLUMN", help="Column of a table that holds the label.")
@click.option("--group", metavar="COLUMN", help="Rows of one group never fall on both sides of a split.")
@click.option("--test", default=0.25, show_default=True, help="Share held out, where the data brings no split.")
@click.option("--no-scratch", is_flag=True, help="Skip the from-scratch baseline (then no gain can be told).")
@click.option(
    "--strategy", type=click.Choice(STRATEGIES), default="auto", show_default=True,
    help="auto fine-tunes only where --budget allows; finetune always; scratch and architecture transfer nothing.",
)  # fmt: skip
@click.option(
    "--move", metavar="WHAT", help="What fine-tuning moves: head, last2, all, norms, bias, first, lora, or a layer."
)
@click.option("--epochs", type=int, help="Rounds of fine-tuning through the training rows.")
@click.option("--budget", metavar="TIME", help="Time for fine-tuning: 90s, 5m, 1h.")
@click.option("--recipe", type=click.Path(path_type=Path), help="A fine-tuned model's folder, or a recipe.json.")
@click.option("--plan", type=click.Path(path_type=Path), help="Carry out what `headstart plan -o plan.json` wrote.")
@click.option(
    "--mix", type=click.Choice(MIXES), default="auto", show_default=True,
    help="Let strategies answer together where that is credibly better, or never.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True)
@click.option("--standalone", is_flag=True, help="Store the backbone's weights inside the model folder.")
@click.option("--overwrite", is_flag=True, help="Replace a model that is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def transfer(
    data: Path, output: Path | None, source: Path | None, backbones: tuple[str, ...], layers: tuple[str, ...],
    heads: tuple[str, ...], text: str | None, image: str | None, label: str | None, group: str | None, test: float,
    no_scratch: bool, strategy: StrategyName, move: str | None, epochs: int | None, budget: str | None,
    recipe: Path | None, plan: Path | None, mix: MixName, seed: int, standalone: bool, overwrite: bool, as_json: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Find what transfers best to DATA, prove it on held-out samples, and save the model with its report.

    DATA is a folder (photos/<class>/*.jpg; train/ and test/ inside are respected, an unlabelled/ folder is welcome), a
    table (CSV, TSV, JSONL, Parquet) or arrays (npz, svmlight).

    \b
    headstart transfer photos/ -o model/ --backbone timm/resnet18.a1_in1k
    headstart transfer reviews.csv --text text --label label -o model/
    headstart transfer handwritten/ --from rendered/ -o model/
    headstart transfer photos/ -b timm/resnet18.a1_in1k --strategy finetune --move last2 -o model/
    """
    from headstart.jobs import transferring
    from headstart.models.folder import refuse_foreign
    from headstart.selection.quantities import seconds_of

    if output is not None:
        refuse_foreign(output, overwrite=overwrite)  # before the work, not after it
    result = transferring.transfer(
        data, source=source, backbones=backbones or None, layers=layers or None, heads=heads or None, text=text,
        image=image, label=label, group=group, test=test, scratch=not no_scratch, strategy=strategy, move=move,
        epochs=epochs, budget=None if budget is None else seconds_of(budget), recipe=recipe, plan=plan, mix=mix,
        seed=seed, progress=bars(quiet=quiet), quiet=True, command=shlex.join(["headstart", *sys.argv[1:]]),
    )  # fmt: skip
    if as_json:
        show(result.findings, as_json=True)
    else:
        click.echo(result.table(ascii=not (sys.stdout.encoding or "").lower().startswith("utf")))
    if output is not None:
        result.save(output, standalone=standalone, overwrite=overwrite)
        click.echo(f"model  {output}\nreport {output / 'report.html'}", err=as_json)
