"""Figures of a written comparison into a folder: which ones, in which language and form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from corridor.core.errors import CorridorError, Problem
from corridor.core.output import write_whole
from corridor.core.progress import Progress, silent
from corridor.drawing import figures, maps
from corridor.drawing.ground import Ground, ground
from corridor.drawing.i18n import t
from corridor.drawing.save import WIDTHS, Format, picture, settings
from corridor.drawing.sheet import Sheet
from corridor.drawing.written import Written, chosen, read
from corridor.schema.catalog import Catalog
from corridor.schema.text import Lang, Text, visible

Kind = Literal["compare", "pair", "criteria", "district", "pareto", "hours"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Show = Literal["change", "value"]
MEASURE = "jobs_60_0830"


@dataclass(frozen=True)
class Wanted:
    """Which figures: kinds, scenarios and measures (none: all but the reference; the first criterion's), form."""

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
class _Figure:
    name: str
    title: Callable[[], Text]
    draw: Callable[[Sheet], Text]


@dataclass(frozen=True)
class _Source:
    """A folder and what its figures are drawn from."""

    written: Written
    ground: Ground
    drawn: maps.Drawn = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "drawn", maps.Drawn(self.written, self.ground))


def draw_figures(
    folder: Path, out: Path, wanted: Wanted = Wanted(), catalog: Catalog | None = None, progress: Progress = silent
) -> list[Path]:  # fmt: skip
    """Draw figures of the comparison in `folder` into `out`; the files, each with its alt text beside it as .txt.

    Nothing is computed: what the folder lacks is an error that names it. Coast and districts come from the catalogue
    (the bundled one by default).
    """
    written = read(folder)
    every = list(_figures(_Source(written, ground(catalog or Catalog.bundled())), wanted))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorridorError(
            Problem(str(out), f"cannot be written ({error.strerror})", "a folder", "choose another --out")
        ) from None
    paths: list[Path] = []
    for done, figure in enumerate(every):
        progress(figure.name, done, len(every))
        for lang in wanted.langs:
            paths += _write(figure, lang, wanted, out)
    return paths


def _write(figure: _Figure, lang: Lang, wanted: Wanted, out: Path) -> Iterator[Path]:
    with settings():
        sheet = Sheet(lang)
        alt = visible(sheet.say(figure.draw(sheet)))
        title = sheet.say(figure.title())
        stem = f"{figure.name}.{lang}"
        for kind in wanted.formats:
            path = out / f"{stem}.{kind}"
            write_whole(path, picture(sheet, kind, title, alt, wanted.width))
            yield path
    path = out / f"{stem}.txt"
    write_whole(path, (alt + "\n").encode("utf-8"))
    yield path


def _figures(source: _Source, wanted: Wanted) -> Iterator[_Figure]:
    written = source.written
    asked = chosen(written, wanted.scenarios)
    others = [i for i in asked if i != written.reference_id] if not wanted.scenarios else asked
    rivals = asked if wanted.scenarios else written.ranked
    rows = [written.row(m) for m in wanted.measures or (MEASURE,)]
    for kind in wanted.kinds:
        match kind:
            case "compare" | "pair" | "district":
                shown = asked if kind == "compare" and wanted.show == "value" else others
                yield from (_of_one(source, kind, wanted.show, i, row) for i in shown for row in rows)
            case "criteria":
                yield _Figure(
                    "criteria",
                    lambda: t("figure_criteria"),
                    lambda s: figures.criteria_figure(written, s, asked, source.ground),
                )
            case "pareto":
                yield _Figure(
                    "pareto",
                    lambda: t("figure_pareto"),
                    lambda s: figures.pareto_figure(written, s, rivals, source.ground),
                )
            case "hours":
                if wanted.hours:
                    yield _hours(source, wanted.hours, others[0])


def _of_one(source: _Source, kind: Kind, show: Show, scenario_id: str, row: int) -> _Figure:
    written, drawn = source.written, source.drawn
    measure_id = written.measures[row].measure_id

    def draw(sheet: Sheet) -> Text:
        if kind == "pair":
            return maps.pair_map(drawn, sheet, scenario_id, row)
        if kind == "district":
            return figures.district_figure(written, sheet, scenario_id, row, source.ground)
        one = maps.value_map if show == "value" else maps.change_map
        return one(drawn, sheet, scenario_id, row)

    name = f"{kind}-{scenario_id}-{measure_id}" + (f"-{show}" if kind == "compare" else "")
    return _Figure(name, lambda: written.scenarios[scenario_id].named, draw)


def _hours(source: _Source, path: Path, scenario_id: str) -> _Figure:
    table: pd.DataFrame = figures.read_hours(path)
    name = source.written.scenarios[scenario_id].named
    return _Figure(
        f"hours-{scenario_id}", lambda: name, lambda s: figures.hours_figure(table, name, s, source.ground)
    )
