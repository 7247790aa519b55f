"""``train``, ``evaluate``: the model, made and measured from labelled measures."""

from __future__ import annotations

import click

from freedom_policy.errors import BadInput

from .app import Settings
from .common import emit

_PRACTICE = click.option(
    "--practice/--no-practice",
    default=True,
    show_default=True,
    help="Learn also from the invented measures that come with the package.",
)


@click.command(
    "train", epilog="Example: freedom-policy train --gold labels.jsonl --gold reviews.jsonl --output model.npz"
)
@click.option("--gold", metavar="FILE", multiple=True, required=True, help="Labelled measures (JSON Lines); several.")
@click.option("--output", metavar="FILE", required=True, help="Where the model is written.")
@_PRACTICE
@click.pass_obj
def train_command(settings: Settings, gold: tuple[str, ...], output: str, practice: bool) -> None:
    """Train a model on labelled measures. The same labels give the same bytes.

    What people decided in `review` becomes labels with: freedom-policy review --export reviews.jsonl

    A measure that comes again was read again: what its readings do not share stays open and teaches nothing, but what a
    person decided outranks other readings.
    """
    from freedom_policy.standalone import train

    model = train(gold, output, practice=practice)
    click.echo(f"Written: {output}, model {model.version}.")
    click.echo(
        f'To use it, put  model = "{output}"  into the config file; measure it with: freedom-policy evaluate', err=True
    )


@click.command(
    "evaluate", epilog="Example: freedom-policy evaluate --gold labels.jsonl --format json --output figures.json"
)
@click.option("--gold", metavar="FILE", multiple=True, required=True, help="Labelled measures (JSON Lines); several.")
@click.option("--model", metavar="FILE", help="Another model than the one in use.")
@click.option(
    "--folds", type=click.IntRange(2, 20), metavar="N", help="Cross-validate: train N times, each without a part."
)
@_PRACTICE
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def evaluate_command(
    settings: Settings,
    gold: tuple[str, ...],
    model: str | None,
    folds: int | None,
    practice: bool,
    form: str,
    output: str | None,
) -> None:
    """Measure the model against labelled measures: precision, recall and F1 with intervals.

    Per goal, area, relevance and provision; by level of government, form of trafficking, text or title only; the worst
    errors with their words. Labels that the model learnt from flatter it: give others, or --folds.
    """
    from freedom_policy.standalone import evaluate

    if model and folds:
        raise BadInput("--folds trains models of its own. Leave out --model.")
    evaluation = evaluate(gold, model=model, folds=folds or 0, practice=practice, config_file=settings.config)
    emit(evaluation.to_json() if form == "json" else evaluation.to_text(), output)
