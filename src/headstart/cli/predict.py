"""`headstart predict model/ new/*.jpg > predictions.csv`"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headstart.cli.output import bars

if TYPE_CHECKING:
    from headstart.models.prediction import Prediction


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("samples", nargs=-1)
@click.option("--text", metavar="COLUMN", help="Column that holds the text, where it is not the trained one.")
@click.option("--image", metavar="COLUMN", help="Column that holds image paths, likewise.")
@click.option(
    "--abstain",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="P",
    help="Leave the label empty below this confidence (0 to 1).",
)
@click.option("--proba", is_flag=True, help="A column of probability for every class.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of CSV.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def predict(
    model: Path, samples: tuple[str, ...], text: str | None, image: str | None, abstain: float, proba: bool,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Predict SAMPLES with a saved MODEL: files, a folder, a table, or - for a list on standard input.

    One row comes out per sample that goes in, in the same order. A sample that cannot be read gets an empty
    prediction and a reason, and the exit status is 1. For a text model, standard input holds one text per line.
    """
    from headstart.models.folder import load
    from headstart.models.samples import samples_from_arguments

    loaded = load(model)
    dataset = samples_from_arguments(loaded, samples, sys.stdin, text=text, image=image)
    predictions = loaded.stream(dataset, abstain=abstain, progress=bars(quiet=quiet))
    failed = write_jsonl(predictions) if as_json else write_csv(predictions, loaded.task.classes if proba else ())
    if failed:
        click.echo(f"{failed} of {len(dataset)} samples could not be read; see the column 'reason'", err=True)
        sys.exit(1)


def write_csv(predictions: Iterable[Prediction], classes: tuple[str, ...]) -> int:
    """Rows to standard output as they come; the number of samples that failed."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["id", "label", "confidence", "reason", *classes])
    failed = 0
    for one in predictions:
        numbers = ["" if one.failed else f"{one.proba[name]:.6f}" for name in classes]
        confidence = "" if one.failed else f"{one.confidence:.6f}"
        writer.writerow([one.id, one.label, confidence, one.reason, *numbers])
        sys.stdout.flush()
        failed += one.failed
    return failed


def write_jsonl(predictions: Iterable[Prediction]) -> int:
    """The same as JSON lines, always with probabilities."""
    failed = 0
    for one in predictions:
        row = {"id": one.id, "label": one.label or None, "confidence": None if one.failed else one.confidence,
               "reason": one.reason or None, "proba": one.proba or None}  # fmt: skip
        click.echo(json.dumps(row, ensure_ascii=False))
        failed += one.failed
    return failed
