"""`corridor map`, `story` and `gtfs`: pictures, a presentation, a feed for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from corridor.cli import options
from corridor.cli.terminal import echo


def _flag(name: str, text: str) -> Any:
    return click.option(f"--{name}", "formats", flag_value=name, multiple=True, help=text)


def _choice(name: str, dest: str, choices: tuple[str, ...], default: Any, text: str, multiple: bool = False) -> Any:  # fmt: skip
    return click.option(
        name, dest, type=click.Choice(choices), default=default, show_default=True, multiple=multiple, help=text
    )  # fmt: skip


def _wanted(only: str, width: str, formats: tuple[str, ...], hours: Path | None, **own: Any) -> Any:
    from corridor.drawing.write import KINDS, Wanted

    if only == "hours" and hours is None:
        raise click.UsageError(
            "--only hours needs --hours FILE, a table that 'corridor hours SCENARIO --out FILE' wrote."
        )
    kinds: Any = KINDS if only == "all" else (only,)
    return Wanted(kinds=kinds, width=int(width), formats=formats or ("png",), hours=hours, **own)  # type: ignore[arg-type]


_KINDS = ("compare", "pair", "criteria", "district", "pareto", "hours", "phases", "groups", "all")


@click.command("map")
@click.argument("result", type=options.PATH)
@options.gathered(
    "wanted",
    _wanted,
    _choice("--only", "only", _KINDS, "compare", "Maps by scenario, before and after, or a chart."),
    click.option("--scenario", "scenarios", multiple=True, help="Scenario of RESULT [default: all]."),
    click.option("--measure", "measures", multiple=True, help="Measure of RESULT [default: its first]."),
    _choice("--show", "show", ("change", "value"), "change", "Change from the reference, or the value."),
    _choice("--lang", "langs", options.SCRIPTS, ("en",), "Language and script; repeatable.", multiple=True),
    _flag("png", "Write PNG, 16:9 (the default)."),
    _flag("svg", "Write SVG."),
    _flag("pdf", "Write PDF."),
    _choice("--width", "width", ("1600", "3840"), "1600", "Width of a PNG in pixels."),
    click.option("--hours", type=options.PATH, help="Table to draw, written by 'corridor hours --out'."),
)
@options.out_folder("RESULT/figures")
@options.output("quiet")
def map_command(result: Path, wanted: Any, out: Path | None, to: options.Output) -> None:
    """Draw maps and charts of a comparison, with alt text.

    RESULT is a folder that 'corridor compare' wrote.
    """
    from corridor.core.containment import inside
    from corridor.drawing.write import draw_figures
    from corridor.schema.catalog import Catalog

    folder = options.study_folder()
    catalog = Catalog.open(inside(folder, "catalog.yaml")) if folder else Catalog.bundled()
    with to.progress("drawing") as tell:
        paths = draw_figures(result, out or inside(result, "figures"), wanted, catalog, tell)
    for path in paths:
        echo(path)


@click.command()
@click.argument("story_file", metavar="STORY.YAML", type=options.PATH)
@click.option("--out", type=options.PATH, default=Path("story.html"), show_default=True, help="Output file.")
@options.output("quiet", "open")
def story(story_file: Path, out: Path, to: options.Output) -> None:
    """Make a presentation of map views with captions.

    STORY.YAML lists scenarios, measures, places and captions in order.
    """
    from corridor.core.cache import Kept
    from corridor.study.compare import compare
    from corridor.web.story import read_story
    from corridor.web.write import write_story_page

    told = read_story(story_file)
    study = options.open_study()
    with to.progress("scoring") as tell:
        comparison = compare(study, told.scenario_ids, tell, Kept.of_user())
    write_story_page(study, comparison, told, out)
    if not to.quiet:
        echo(f"Open {out}")
    to.open(out)


@click.command()
@click.argument("scenario")
@options.out_file("Zip file to write.")
def gtfs(scenario: str, out: Path) -> None:
    """Export a scenario's network as a GTFS feed."""
    from corridor.formats.gtfs import write_feed

    study = options.open_study()
    echo(write_feed(study, options.scenario_id(study, scenario), out))
