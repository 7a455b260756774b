"""Pictures of a proposal: its phases in one scale, and what a scenario changes in each group of districts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from corridor.core.errors import LayerError
from corridor.drawing.canvas import Drawing
from corridor.drawing.figures import foot
from corridor.drawing.group_map import SHOWN, GroupMaps, group_maps
from corridor.drawing.i18n import fill, joined, sentences, t
from corridor.drawing.map_marks import change_strip, lines_of, value_strip
from corridor.drawing.maps import Drawn
from corridor.drawing.phase_map import REACHED, Phase, PhaseMaps
from corridor.drawing.sheet import QUIET, WIDTH, Sheet
from corridor.drawing.small_map import HEIGHT as HIGH
from corridor.drawing.small_map import WIDTH as WIDE
from corridor.drawing.small_map import Shared, whole
from corridor.drawing.written import REMEDY, Written
from corridor.schema.text import Text

LEFT, GAP = 24.0, 16.0
ROOM = WIDTH - 2 * LEFT
STRIP = 400.0


def has_phases(written: Written) -> bool:
    """Whether a folder holds phases."""
    return bool(written.scores.get("phases"))


def has_groups(written: Written) -> bool:
    """Whether a folder holds groups of districts and two scenarios to compare."""
    return len(written.scores.get("side_by_side", ())) > 1 and len(written.layer("groups")) > 0


def phases_figure(drawn: Drawn, sheet: Sheet) -> Text:
    """Draw a row of the phases' values, and below it their change since the first.

    Parameters
    ----------
    drawn
        Shapes of the comparison.
    sheet
        The sheet to draw on.

    Returns
    -------
    Text
        The alt text.

    Raises
    ------
    LayerError
        Where the folder holds no phases.
    """
    maps = _phase_maps(drawn)
    base, count = maps.shared(), len(maps.phases)
    scale = min((ROOM - (count - 1) * GAP) / count / WIDE, 1.24)
    step = WIDE * scale + GAP
    title = fill("phases_values", measure=maps.scale.title)
    y = sheet.write(LEFT, 20, title, 27, bold=True, width=ROOM, most=1)
    y = sheet.write(LEFT, y, maps.told(False), 14, colour=QUIET, width=ROOM, most=1) + 6
    for number, phase in enumerate(maps.phases):
        x = LEFT + number * step
        sheet.write(x, y, phase.named, 15, bold=True, width=WIDE * scale, most=1)
        _small(sheet, maps.drawing(phase, change=False), base, x, y + 24, scale)
        if number:
            _small(sheet, maps.drawing(phase, change=True), base, x, y + 90 + HIGH * scale, scale)
    middle, top, wide = y + 32 + HIGH * scale, y + 90 + HIGH * scale, step - GAP
    strip, _ = value_strip(maps.scale, LEFT, middle, STRIP)
    sheet.draw(*strip)
    beside = LEFT + STRIP + 20
    sheet.write(beside, middle, t("phases_note"), 13, colour=QUIET, width=ROOM - STRIP - 20, most=2)
    changes = fill("phases_changes", measure=maps.scale.title, year=f"{maps.phases[0].year}")
    below = sheet.write(LEFT, top, changes, 16, bold=True, width=wide, most=3) + 8
    strip, below = change_strip(maps.scale, LEFT, below, wide)
    sheet.draw(*strip)
    if maps.undecided.en:
        undecided = fill("phases_undecided", lines=maps.undecided)
        sheet.write(LEFT, below + 8, undecided, 13, colour=QUIET, width=wide, most=6)
    foot(sheet, drawn.ground)
    phases = fill("phases_alt", phases=joined([p.named for p in maps.phases]))
    return sentences([maps.told(False), phases, t("phases_note")])


def _phase_maps(drawn: Drawn) -> PhaseMaps:
    written = drawn.written
    if not has_phases(written):
        expected = "a comparison whose file names phases"
        raise LayerError.at(str(written.folder), "holds no phases", expected, REMEDY)
    lines, zones = written.layer("phase_lines"), written.layer("zones")
    phases = [
        Phase(
            int(row["year"]), str(row["scenario_id"]), Text(**row["title"]), str(row["flag"]),
            lines_of(lines[lines["year"] == row["year"]], drawn.ground.region),
            np.asarray(zones[f"{row['scenario_id']}:{REACHED.measure_id}"], dtype=float),
        )
        for row in written.scores["phases"]
    ]  # fmt: skip
    squares = shapely.set_precision(zones.geometry.to_numpy(), 1.0)
    return PhaseMaps(phases, REACHED, squares, drawn.ground)


def groups_figure(drawn: Drawn, sheet: Sheet) -> Text:
    """Draw, for each grouping, a row of maps of what the scenario that builds most changes in each group.

    Parameters
    ----------
    drawn
        Shapes of the comparison.
    sheet
        The sheet to draw on.

    Returns
    -------
    Text
        The alt text.

    Raises
    ------
    LayerError
        Where the folder holds no groups, or one scenario alone.
    """
    written = drawn.written
    every = _group_maps(drawn)
    ids = written.scores["side_by_side"]
    named = written.compared.named
    note = fill("group_map_note", scenario=named(ids[-1]), reference=named(ids[0]))
    title = fill("group_figure", scenario=named(ids[-1]))
    y = sheet.write(LEFT, 20, title, 27, bold=True, width=ROOM, most=1)
    y = sheet.write(LEFT, y, note, 13, colour=QUIET, width=ROOM, most=2) + 8
    high = (836 - y) / max(len(every), 1)
    for maps in every:
        scale = min((high - 54) / HIGH, 1.6)
        sheet.write(LEFT, y, maps.title, 17, bold=True, width=ROOM, most=1)
        for number, one in enumerate(maps.shown):
            x = LEFT + number * (WIDE * scale + GAP)
            sheet.write(x, y + 26, one.title, 14, width=WIDE * scale, most=1)
            _small(sheet, maps.drawing(one), maps.shared(), x, y + 48, scale)
        y += high
    foot(sheet, drawn.ground)
    groupings = fill("group_figure_alt", groupings=joined([m.title for m in every]))
    return sentences([groupings, note, *(m.drawing(one).description for m in every for one in m.shown)])


def _group_maps(drawn: Drawn) -> list[GroupMaps]:
    written = drawn.written
    if not has_groups(written):
        fault = "holds no groups of districts with two scenarios"
        raise LayerError.at(str(written.folder), fault, "a comparison of a study with groups", REMEDY)
    outlines, ids = written.layer("groups"), written.scores["side_by_side"]
    changes = outlines[["grouping_id", "group_id"]].assign(
        **{one.column: pd.to_numeric(outlines[f"{ids[-1]}:{one.column}"]) - pd.to_numeric(outlines[f"{ids[0]}:{one.column}"])
           for one in SHOWN if all(f"{i}:{one.column}" in outlines for i in (ids[0], ids[-1]))}
    )  # fmt: skip
    return group_maps(outlines, changes, drawn.ground)


def _small(sheet: Sheet, drawing: Drawing, base: Shared, left: float, top: float, scale: float) -> None:
    marks = whole(drawing.marks, base)
    sheet.draw(*marks, left=left, top=top, scale=scale, clip=(left, top, WIDE * scale, HIGH * scale))
