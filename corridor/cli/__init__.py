"""The command line: each module parses the options of a group of commands, calls the program, and prints.

Only click is imported here: what a command needs is loaded when the command runs, so that help is quick.
"""

from __future__ import annotations

from pathlib import Path

import click

import corridor
from corridor.cli import (
    compare,
    demand,
    ensemble,
    export,
    journey,
    layers,
    layers_add,
    nodes,
    place,
    scenarios,
    sketch,
    watch,
)  # fmt: skip
from corridor.cli.program import Program
from corridor.cli.terminal import escape_what_does_not_fit


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(corridor.__version__, prog_name="corridor")
@click.option(
    "--study",
    "folder",
    type=click.Path(path_type=Path),
    envvar="CORRIDOR_STUDY",
    help="Folder of your own study, made with 'corridor init', or the name of a shipped one: 'precedent', the back-test,"
    " or 'zhuhai-macao' [default: the shipped study].",
)
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Compare transport corridor scenarios across a boundary: accessibility and ecological impact."""
    escape_what_does_not_fit()
    context.obj = folder


main.add(
    "Comparisons", compare.compare, compare.run, ensemble.ensemble, watch.watch, compare.review, compare.rerun
)
main.add("Scenarios", scenarios.scenarios, scenarios.init, sketch.sketch)
main.add("Journeys", journey.journey, journey.times, journey.hours)
main.add("Demand", demand.demand)
main.add("Places", place.place, nodes.nodes)
main.add("Layers", layers.layers)
main.add("Output", export.map_command, export.story, export.gtfs)
layers.layers.add("Layers of your own", layers_add.add, layers_add.replace)
