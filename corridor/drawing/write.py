"""Figures of a written comparison into a folder: which ones, in which language and form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from corridor.core.output import CHOOSE_FOLDER, write_whole, writing
from corridor.core.progress import Progress, silent
from corridor.drawing import figures, maps
from corridor.drawing.compared import lead_of
from corridor.drawing.ground import ground
from corridor.drawing.i18n import t
from corridor.drawing.proposal_figures import groups_figure, has_groups, has_phases, phases_figure
from corridor.drawing.save import WIDTHS, Format, picture, settings
from corridor.drawing.sheet import Sheet
from corridor.drawing.written import chosen, read
from corridor.schema.catalog import Catalog
from corridor.schema.text import Lang, Text, visible

Kind = Literal["compare", "pair", "criteria", "district", "pareto", "hours", "phases", "groups"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Show = Literal["change", "value"]


@dataclass(frozen=True)
class Wanted:
    """Which figures are asked for.

    Attributes
    ----------
    kinds
        Kinds of figure.
    scenarios
        Ids; empty for all, or all but the reference where a change is drawn.
    measures
        Ids with their hour; empty for jobs within 60 min at 08:30 (residents without jobs).
    show
        Change against the reference, or value.
    langs, formats
        Languages and file formats; there is a file for each pair.
    width
        Pixels of a PNG.
    """

    kinds: Sequence[Kind] = KINDS
    scenarios: Sequence[str] = ()
    measures: Sequence[str] = ()
    show: Show = "change"
    langs: Sequence[Lang] = ("en",)
    formats: Sequence[Format] = ("png",)
    width: int = WIDTHS[0]
    hours: Path | None = None
    """The table of ``corridor hours --out``, of the first scenario named."""


@dataclass(frozen=True)
class Figure:
    """A figure to be drawn: the name of its files, its title, and what draws it on a sheet and gives the alt text."""

    name: str
    title: Text
    draw: Callable[[Sheet], Text]


def draw_figures(
    folder: Path, out: Path, wanted: Wanted = Wanted(), catalog: Catalog | None = None, progress: Progress = silent
) -> list[Path]:  # fmt: skip
    """Draw figures of a written comparison.

    Parameters
    ----------
    folder
        A folder that ``corridor compare`` wrote. Nothing is computed: what it lacks is an error that names it.
    out
        Where the pictures go, each with its alt text beside it as .txt.
    wanted
        Which figures, of what, in which languages and formats.
    catalog
        Where coast and districts come from; the bundled one by default.
    progress
        Called with each figure.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    LayerError, MissingColumnError, ScenarioError
        Naming what is not in the folder, and the nearest that is.

    Examples
    --------
    >>> draw_figures(Path("maps/comparison"), Path("figures"), Wanted(kinds=("pareto",)))  # doctest: +SKIP
    """
    every = list(_figures(maps.Drawn(read(folder), ground(catalog or Catalog.bundled())), wanted))
    paths: list[Path] = []
    with writing(out, CHOOSE_FOLDER):
        out.mkdir(parents=True, exist_ok=True)
        for done, found in enumerate(every):
            progress(found.name, done, len(every))
            for lang in wanted.langs:
                paths += write_figure(found, lang, wanted, out)
    return paths


def write_figure(found: Figure, lang: Lang, wanted: Wanted, out: Path) -> Iterator[Path]:
    """Write a figure in the formats that are wanted, with its alt text beside it, and give the files."""
    stem = f"{found.name}.{lang}"
    with settings():
        sheet = Sheet(lang)
        alt = visible(sheet.say(found.draw(sheet)))
        for kind in wanted.formats:
            path = out / f"{stem}.{kind}"
            write_whole(path, picture(sheet, kind, sheet.say(found.title), alt, wanted.width))
            yield path
    path = out / f"{stem}.txt"
    write_whole(path, (alt + "\n").encode("utf-8"))
    yield path


def _figures(drawn: maps.Drawn, wanted: Wanted) -> Iterator[Figure]:
    written, on = drawn.written, drawn.ground
    asked = chosen(written, wanted.scenarios)
    others = asked if wanted.scenarios else [i for i in asked if i != written.compared.reference_id]
    rivals = asked if wanted.scenarios else written.ranked
    rows = [written.row(m) for m in wanted.measures or (f"{lead_of(written.measures)}_0830",)]
    for kind in wanted.kinds:
        # a folder need not hold what a chart, phases or groups show: an error where they alone are asked for
        match kind:
            case "compare" | "pair" | "district":
                shown = asked if kind == "compare" and wanted.show == "value" else others
                yield from (_of_one(drawn, kind, wanted.show, i, row) for i in shown for row in rows)
            case "criteria":
                draw = partial(figures.criteria_figure, written, ids=asked, ground=on)
                yield Figure("criteria", t("figure_criteria"), draw)
            case "pareto" if not figures.pareto_lacks(written) or len(wanted.kinds) == 1:
                draw = partial(figures.pareto_figure, written, ids=rivals, ground=on)
                yield Figure("pareto", t("figure_pareto"), draw)
            case "hours" if wanted.hours:
                name = written.compared.named(others[0])
                draw = partial(figures.hours_figure, figures.read_hours(wanted.hours), name, ground=on)
                yield Figure(f"hours-{others[0]}", name, draw)
            case "phases" if has_phases(written) or len(wanted.kinds) == 1:
                yield Figure("phases", t("figure_phases"), partial(phases_figure, drawn))
            case "groups" if has_groups(written) or len(wanted.kinds) == 1:
                yield Figure("groups", t("figure_groups"), partial(groups_figure, drawn))


def _of_one(drawn: maps.Drawn, kind: Kind, show: Show, scenario_id: str, row: int) -> Figure:
    match kind:
        case "district":
            draw = partial(figures.district_figure, drawn.written, ground=drawn.ground)
        case "pair":
            draw = partial(maps.pair_map, drawn)
        case _:
            draw = partial(maps.one_map, drawn, change=show == "change")
    measure_id = drawn.written.measures[row].measure_id
    name = f"{kind}-{scenario_id}-{measure_id}" + (f"-{show}" if kind == "compare" else "")
    title = drawn.written.compared.named(scenario_id)
    return Figure(name, title, partial(draw, scenario_id=scenario_id, row=row))
