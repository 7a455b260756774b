"""`corridor ensemble`: how sure a comparison is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridor.cli import options
from corridor.cli.terminal import echo

if TYPE_CHECKING:
    from corridor.schema.text import Lang

STOPPED = 130


@click.command()
@click.argument("scenarios", nargs=-1)
@click.option("--draws", default=200, show_default=True, help="How many draws of all assumptions.")
@click.option("--seed", default=20352, show_default=True, help="The same seed gives the same figures.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Dask scheduler [default: this machine].")
@click.option("--workers", default=0, help="Workers on this machine [default: one for each processor].")
@options.weights
@click.option(
    "--lang",
    type=click.Choice(options.SCRIPTS),
    default="en",
    show_default=True,
    help="Language of what is printed.",
)
@options.out_folder("maps/ensemble")
@options.output("quiet", "json", "open")
def ensemble(
    scenarios: tuple[str, ...], draws: int, seed: int, scheduler: str, workers: int, weights: tuple[Path, ...],
    lang: Lang, out: Path | None, to: options.Output,
) -> None:  # fmt: skip
    """Say how sure a comparison is.

    Draws every assumption, and scores every scenario on each draw. Writes ensemble.html and its tables.
    SCENARIOS are ids or files; by default, those of comparison.yaml. Run it again with the same --out to go on after a
    stop.
    """
    from corridor.formats.ensemble import summary
    from corridor.study.compare import wanted
    from corridor.study.ensemble.ensemble import ensemble, task_of
    from corridor.study.ensemble.run import size_of
    from corridor.study.ensemble.sentences import sentences
    from corridor.study.ensemble.store import Store
    from corridor.web.write import write_ensemble_folder

    folder = out or options.maps_folder("ensemble")
    study = options.open_study()
    ids = [options.scenario_id(study, s) for s in scenarios]
    files = options.scenario_files(scenarios)
    if not to.quiet:
        task = task_of(study, wanted(study, ids, weights), draws, seed, files)
        here = 0 if scheduler else workers or os.cpu_count() or 1
        echo(size_of(task, study, Store(folder).done).words(here), err=True)
    with _stopped_in_a_sentence(folder), to.progress("scoring") as tell:
        found = ensemble(
            study, ids, draws, folder=folder, seed=seed, scheduler=scheduler, workers=workers, weights=weights,
            files=files, progress=tell,
        )  # fmt: skip
    page = write_ensemble_folder(study, found, folder)
    to.show(
        lambda: summary(found),
        lambda: (*(words.in_script(lang) for words in sentences(found)), f"\nOpen {page}; tables beside it"),
    )
    to.open(page)


@contextmanager
def _stopped_in_a_sentence(folder: Path) -> Iterator[None]:
    """Ctrl+C ends the command with what is kept and how to go on; the exit code is that of a program that it stops."""
    from corridor.study.ensemble.store import Store

    try:
        yield
    except KeyboardInterrupt:
        done = sum(index >= 0 for index in Store(folder).done)
        echo(f"Stopped; {done} draws are kept in {folder}. The same command goes on from there.", err=True)
        raise click.exceptions.Exit(STOPPED) from None
