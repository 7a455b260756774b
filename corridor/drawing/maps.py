"""Maps of a comparison: a scenario's change or value by zone, and the pair of before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.drawing import map_marks, palette
from corridor.drawing.basemap import one_sided
from corridor.drawing.canvas import Box, Disc, Mark, line
from corridor.drawing.compared import Scenario
from corridor.drawing.figures import foot
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import STRINGS, fill, region_words, sentences, t, term
from corridor.drawing.labels import Label, Rectangle, Room, ordered
from corridor.drawing.map_marks import EDGE, Line, View, around, by_colour, lines_of, view
from corridor.drawing.numbers import figure, signed
from corridor.drawing.sheet import INK, QUIET, Sheet
from corridor.drawing.written import Written
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text

MARGIN_M, FOCUS_M = 1_500.0, 3_500.0
FINE_M = 20.0
DISC = 0.034
"""Units of a control point's radius for the root of its passengers a day."""
BAR_KM = 5
WATER = "#3f6273"
Classes = list[tuple[str, Any]]
"""Shapes by colour."""
LEAST_INSET = 150.0
LEFT, COLUMN = 36.0, 452.0
MAP = (516.0, 28.0, 1056.0, 800.0)
PAIR = ((24.0, 128.0, 768.0, 588.0), (808.0, 128.0, 768.0, 588.0))


@dataclass(frozen=True)
class Drawn:
    """Shapes of one comparison as they are drawn, made once for all its maps."""

    written: Written
    ground: Ground

    @cached_property
    def bounds(self) -> Rectangle:
        """All land, with a margin."""
        return around([self.ground.land], MARGIN_M)

    @cached_property
    def focus(self) -> Rectangle:
        """What scenarios build and where people cross, with a margin; all land where nothing is built."""
        lines = self.written.layer("lines")
        shapes = [*lines.geometry[lines["added"].map(flag_of)], *self.written.layer("checkpoints").geometry]
        return around(shapes, FOCUS_M) if shapes else self.bounds

    @cached_property
    def zones(self) -> NDArray[Any]:
        """Shapes of the zones; where two sides share a square, each has its own land of it."""
        return one_sided(self.written.layer("zones"), self.ground.sides, 1)

    @cached_property
    def nature(self) -> list[tuple[str, Any]]:
        """Kind and shape of every designated area, no finer than can be seen."""
        rows = rows_of(self.written.layer("designations"))
        return [(text_of(r["designation"]), shapely.simplify(r["geometry"], FINE_M)) for r in rows]

    def lines(self, scenario_id: str) -> list[Line]:
        """Lines of a scenario."""
        return lines_of(self.written.of_scenario("lines", scenario_id), self.ground.region)

    def classes(self, scenario_id: str, row: int, change: bool = False) -> Classes:
        """Zones of a scenario by the colour of their value, or of their change against the reference."""
        scale = self.written.scale(row)
        if change:
            return by_colour(self.zones, scale.change_classes(self.change(scenario_id, row)))
        return by_colour(self.zones, scale.value_classes(self.written.values[scenario_id][row]))

    def change(self, scenario_id: str, row: int) -> Any:
        """The change of every zone against the reference."""
        values = self.written.values
        return np.subtract(values[scenario_id][row], values[self.written.compared.reference_id][row])


# --- the three maps ----------------------------------------------------------------------------------


def one_map(drawn: Drawn, sheet: Sheet, scenario_id: str, row: int, change: bool) -> Text:
    """Draw the values of one measure, or their change against the reference.

    Parameters
    ----------
    drawn
        Shapes of the comparison.
    sheet
        The sheet to draw on.
    scenario_id
        The scenario.
    row
        Which of ``written.measures``.
    change
        The change against the reference instead of the value.

    Returns
    -------
    Text
        The alt text.
    """
    written, compared = drawn.written, drawn.written.compared
    facts = (_facts if change else _value_facts)(drawn, scenario_id, row)
    changed = fill("figure_change", reference=compared.title(compared.reference_id))
    against = changed if change else Text(en="")
    y = _head(sheet, compared.scenarios[scenario_id], _measure_at(written, row), against, facts)
    y = _strip(sheet, written, row, LEFT, y, COLUMN, change)
    sheet.draw(line(LEFT, y, LEFT + COLUMN, y, palette.EXISTING, 0.5))
    seen, classes = view(drawn.focus, *MAP), drawn.classes(scenario_id, row, change)
    _Panel.draw(drawn, sheet, seen, scenario_id, classes, bar=True)
    end = _key(drawn, sheet, (scenario_id,), y + 8, LEFT, 222, 2, 826) + 12
    if 828 - end >= LEAST_INSET:
        _inset(drawn, sheet, view(drawn.bounds, LEFT, end, COLUMN, 828 - end), seen, classes)
    _map_foot(sheet, drawn.ground)
    key = "figure_alt_map" if change else "figure_alt_value"
    return _alt(key, drawn, scenario_id, row, facts)


def _inset(drawn: Drawn, sheet: Sheet, whole: View, seen: View, classes: Classes) -> None:
    """All zones, small, with the frame of the larger map."""
    west, south, east, north = seen.limits
    (a, d), (c, b) = whole.at(west, south), whole.at(east, north)
    frame = Box(a, b, c - a, d - b, "", INK, 1.4)
    sheet.draw(*_ground(drawn, whole, classes), frame, Box(*whole.box, "", EDGE, 1.6), clip=whole.box)


def pair_map(drawn: Drawn, sheet: Sheet, scenario_id: str, row: int) -> Text:
    """Draw the reference and a scenario side by side in one scale.

    Parameters
    ----------
    drawn
        Shapes of the comparison.
    sheet
        The sheet to draw on.
    scenario_id
        The scenario on the right.
    row
        Which of ``written.measures``.

    Returns
    -------
    Text
        The alt text.
    """
    written, facts = drawn.written, _facts(drawn, scenario_id, row)
    compared = written.compared
    both = compared.reference_id, scenario_id
    sheet.write(LEFT - 12, 22, _measure_at(written, row), 27, bold=True, width=1540, most=1)
    sheet.write(LEFT - 12, 62, sentences(facts), 15, colour=QUIET, width=1540, most=1)
    for spot, key, shown in zip(PAIR, ("figure_before", "figure_after"), both, strict=True):
        sheet.write(spot[0], 96, fill(key, title=compared.named(shown)), 18, bold=True, width=spot[2], most=1)
        classes = drawn.classes(shown, row)
        _Panel.draw(drawn, sheet, view(drawn.focus, *spot), shown, classes, bar=spot is PAIR[0])
    _strip(sheet, written, row, LEFT - 12, 728, 520, change=False)
    _key(drawn, sheet, both, 724, 590, 240, 4, 822)
    _map_foot(sheet, drawn.ground)
    return _alt("figure_alt_pair", drawn, scenario_id, row, facts)


def _alt(key: str, drawn: Drawn, scenario_id: str, row: int, facts: Sequence[Text]) -> Text:
    region, compared = drawn.ground.region, drawn.written.compared
    sides = {"south": region.south.name, "north": region.north.name}
    scenarios = {"scenario": compared.named(scenario_id), "reference": compared.title(compared.reference_id)}
    return fill(key, **sides, **scenarios, measure=_measure_at(drawn.written, row), facts=sentences(facts))


def _measure_at(written: Written, row: int) -> Text:
    measure = written.measures[row]
    return fill("figure_at", measure=measure.name, hour=measure.hour)


def _counted(value: float, unit: Text) -> Text:
    """A number with its unit."""
    return fill("figure_number_unit", number=figure(value, unit.en), unit=unit)


def _facts(drawn: Drawn, scenario_id: str, row: int) -> list[Text]:
    """Sentences with the figures of a change: the mean where it is a criterion, and who lives where it is felt."""
    written, measure, scale = drawn.written, drawn.written.measures[row], drawn.written.scale(row)
    said = []
    for criterion in written.compared.criteria:
        if criterion.criterion_id == measure.measure_id:
            before, after = criterion.value[written.compared.reference_id], criterion.value[scenario_id]
            unit = criterion.unit
            change = signed(after - before, unit)
            mean = fill("figure_mean", before=figure(before, unit), after=figure(after, unit), change=change)
            said.append(fill("figure_sentence", words=mean))
    felt, people = drawn.change(scenario_id, row), written.layer("zones")["residents"].to_numpy(float)
    step = scale.change_breaks[0]
    gain, lose = (figure(people[side >= step].sum(), "residents") for side in (felt, -felt))
    return [*said, fill("figure_gain", gain=gain, lose=lose, step=_counted(step, measure.unit))]


def _value_facts(drawn: Drawn, scenario_id: str, row: int) -> list[Text]:
    measure = drawn.written.measures[row]
    for criterion in drawn.written.compared.criteria:
        if criterion.criterion_id == measure.measure_id:
            return [fill("figure_mean_value", value=_counted(criterion.value[scenario_id], measure.unit))]
    highest = float(np.nanmax(drawn.written.values[scenario_id][row]))
    return [fill("figure_highest", value=_counted(highest, measure.unit))]


# --- the column beside the map -----------------------------------------------------------------------


def _head(sheet: Sheet, scenario: Scenario, measure: Text, against: Text, facts: Sequence[Text]) -> float:
    """Title, what is shown and the figures; where the legend may begin."""
    y = sheet.write(LEFT, 28, scenario.title, 29, bold=True, width=COLUMN, most=3) + 4
    for words in sheet.lines(t(scenario.flag), 14, COLUMN - 16, True, most=2) if scenario.flag else ():
        sheet.draw(Box(LEFT, y, sheet.width_of(words, 14, True) + 16, 24, palette.WARNING))
        y = sheet.write(LEFT + 8, y + 3, words, 14, bold=True, colour="#ffffff") + 8
    y = sheet.write(LEFT, y, measure, 17, bold=True, width=COLUMN, most=2)
    if against.en:
        y = sheet.write(LEFT, y, against, 15, width=COLUMN, colour=QUIET, most=2)
    y += 4
    for fact in facts:
        y = sheet.write(LEFT, y, fact, 14, width=COLUMN, most=3) + 2
    return y + 10


def _strip(sheet: Sheet, written: Written, row: int, left: float, y: float, width: float, change: bool) -> float:  # fmt: skip
    """The classes with their limits, the unit, that the scale is fixed, and the two greys; where the strip ends."""
    scale = written.scale(row)
    marks, y = (map_marks.change_strip if change else map_marks.value_strip)(scale, left, y, width)
    sheet.draw(*marks)
    said = fill("dot_between", a=scale.unit, b=t("fixed_scale"))
    y = sheet.write(left, y, said, 12, colour=QUIET, width=width)
    x = left
    for colour, key in ((palette.NO_DATA, "no_data"), (palette.LAND, "empty_land")):
        sheet.draw(Box(x, y + 4, 20, 12, colour, EDGE, 0.8))
        sheet.write(x + 26, y + 2, t(key), 12)
        x += 44 + sheet.width_of(t(key), 12)
    return y + 26


def _map_foot(sheet: Sheet, ground: Ground) -> None:
    notice = fill("figure_sentence", words=t("figure_indicative"))
    foot(sheet, ground, t("figure_coordinates"), y=832, first=[notice])


# --- the map -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Panel:
    """One map of a scenario: what is drawn takes room, and names are written where room is left."""

    drawn: Drawn
    sheet: Sheet
    seen: View
    scenario_id: str
    lines: list[Line]
    room: Room
    labels: list[Label]

    @classmethod
    def draw(
        cls, drawn: Drawn, sheet: Sheet, seen: View, scenario_id: str, classes: Classes, bar: bool
    ) -> None:
        """Ground, zones, nature, lines, control points and names; a scale bar if asked for."""
        panel = cls(drawn, sheet, seen, scenario_id, drawn.lines(scenario_id), Room(seen.edges()), [])
        river = drawn.ground.boundary
        lines = [
            seen.stroke(river, "#ffffff", 3.6),
            seen.stroke(river, palette.BOUNDARY, 1.6, "8 3 2 3"),
            *(map_marks.today(seen, found) for found in panel.lines if not found.added),
            *(mark for found in panel.lines if found.added for mark in map_marks.proposed(seen, found)),
        ]
        sheet.draw(*_ground(drawn, seen, classes), *_nature(drawn, seen), *lines, clip=seen.box)
        sheet.draw(Box(*seen.box, "", EDGE, 0.8))
        if bar:
            marks, taken = map_marks.scale_bar(seen, BAR_KM)
            sheet.draw(*marks)
            panel.room.taken.append(taken)
        panel._stations()
        panel._checkpoints()
        panel._names()

    def _points(self, layer: str) -> Iterator[tuple[float, float, str, dict[str, Any]]]:
        """Points of a layer within the view: place, name, row."""
        left, top, right, bottom = self.seen.edges(6)
        for row in rows_of(self.drawn.written.of_scenario(layer, self.scenario_id)):
            x, y = self.seen.at(row["geometry"].x, row["geometry"].y)
            if left < x < right and top < y < bottom:
                yield x, y, self.sheet.say(row_name(row)), row

    def _mark(self, x: float, y: float, reach: float, *marks: Mark) -> None:
        self.room.taken.append((x - reach, y - reach, x + reach, y + reach))
        self.sheet.draw(*marks)

    def _checkpoints(self) -> None:
        """The discs, the largest first."""
        points = self._points("checkpoints")
        found = [(number_of(row["daily_2025"]) or 0.0, x, y, name) for x, y, name, row in points]
        for daily, x, y, name in sorted(found, reverse=True):
            r, rank = radius(daily), 0 if daily else 2
            self._mark(x, y, r, *checkpoint(x, y, daily))
            self.labels.append(Label(name, ((x, y),), 13.5, rank, INK, True, r + 3))

    def _stations(self) -> None:
        """The stations that are added."""
        for x, y, name, row in self._points("stations"):
            if flag_of(row["added"]):
                self._mark(x, y, 5, station(x, y))
                self.labels.append(Label(name, ((x, y),), 12, 2, INK, False, 7))

    def _names(self) -> None:
        """The names that have room, the most important first."""
        say, at, ground = self.sheet.say, self.seen.at, self.drawn.ground
        for found in self.lines:
            if found.added:
                # the middle first: a name near the end of a line could be taken for that of a station
                points = self.seen.along(found.shape, 0.5, 0.35, 0.65, 0.2, 0.8)
                self.labels.append(Label(say(found.name), points, 13, 1, found.colour, True, 7))
        for name, _, point in ground.districts.values():
            self.labels.append(Label(say(name), (at(point.x, point.y),), 12, 4, QUIET))
        for name, point in ground.waters:
            self.labels.append(Label(say(name), (at(point.x, point.y),), 13, 3, WATER))
        for label in ordered(self.labels):
            wide = self.sheet.width_of(label.words, label.size, label.bold)
            self.sheet.draw(*self.room.written(label, wide))


def _ground(drawn: Drawn, seen: View, classes: Classes) -> Iterator[Mark]:
    """The zones on land, sea about them."""
    yield Box(*seen.box, palette.LAND)
    yield from map_marks.zones(seen, classes)
    yield seen.stroke(drawn.ground.district_lines, palette.DISTRICT, 0.8, "1.5 2.5")
    yield from map_marks.water(seen, drawn.ground)


def _nature(drawn: Drawn, seen: View) -> Iterator[Mark]:
    """Protected areas, the most telling hatched, and green corridors."""
    for kind, shape in sorted(drawn.nature, key=lambda found: found[0] in palette.OPEN_AT_FIRST):
        if kind in palette.OPEN_AT_FIRST:
            look = palette.DESIGNATIONS.get(kind, palette.OTHER_DESIGNATION)
            yield seen.area(shape, look["colour"], opacity=0.16)
            yield seen.area(shape, "", look["colour"], 1.1, hatch=look["hatch"])
        else:
            yield seen.area(shape, "", palette.OTHER_DESIGNATION["colour"], 0.8, opacity=0.75)
    for shape in drawn.written.layer("green_corridors").geometry:
        yield seen.area(shape, palette.CORRIDOR, opacity=0.22)
        yield seen.area(shape, "", palette.CORRIDOR, 1.3, dash="1.3 2.6")


def radius(daily: float) -> float:
    """Units of a control point's disc for its passengers a day; its area follows their number."""
    return max(5.0, DISC * float(np.sqrt(daily)))


def checkpoint(x: float, y: float, daily: float, most: float = 1e9) -> list[Mark]:
    """A control point: its disc, with a dot where passengers are counted."""
    disc = Disc(x, y, min(radius(daily), most), "#ffffffcc" if daily else "", palette.CHECKPOINT, 1.8)
    return [disc, Disc(x, y, 2, palette.CHECKPOINT)] if daily else [disc]


def station(x: float, y: float) -> Disc:
    """A station that is added."""
    return Disc(x, y, 4.2, "#ffffff", INK, 2)


# --- the legend --------------------------------------------------------------------------------------


def _key(
    drawn: Drawn, sheet: Sheet, scenario_ids: Sequence[str], y: float, left: float, width: float, columns: int, floor: float
) -> float:  # fmt: skip
    """What the marks mean, row by row in columns; only what is drawn. Where the sheet is free again."""
    meant = _entries(drawn, scenario_ids)
    entries = [(marks, sheet.lines(words, 12, width - 46)[:2]) for marks, words in meant]
    rows = -(-len(entries) // columns)
    tall = 33.0 if any(len(lines) > 1 for _, lines in entries) else 27.0
    step = min(tall, (floor - y) / max(rows, 1))
    for number, (marks, lines) in enumerate(entries):
        x, middle = left + (number // rows) * (width + 8), y + (number % rows + 0.5) * step
        sheet.draw(*marks, left=x, top=middle)
        for at, words in enumerate(lines if step >= 30 else lines[:1]):
            sheet.write(x + 46, middle + 15 * (at - len(lines) / 2) - 1, words, 12)
    return y + rows * step


def _entries(drawn: Drawn, scenario_ids: Sequence[str]) -> Iterator[tuple[list[Mark], Text]]:
    """Marks of the legend, 38 units wide about the height 0, with what they mean."""
    lines = [found for i in scenario_ids for found in drawn.lines(i)]
    colours, words = palette.axes(drawn.ground.region), {**STRINGS, **region_words(drawn.ground.region)}
    kinds = {(f.axis if f.axis in colours else "other", f.shown_status): f.look for f in lines if f.added}
    for (axis, status), look in sorted(kinds.items(), key=lambda item: item[0]):
        said = fill("figure_line", axis=words[f"axis_{axis}"], status=term("status", status))
        yield [line(0, 0, 38, 0, colours[axis], look["weight"], look["dash"])], said
    if any(not found.added for found in lines):
        yield [line(0, 0, 38, 0, palette.EXISTING)], t("figure_today")
    yield [line(0, 0, 38, 0, palette.BOUNDARY, 1.6, "8 3 2 3")], t("figure_boundary")
    if any(flag_of(a) for a in drawn.written.layer("stations")["added"]):
        yield [station(19, 0)], t("station_added")
    daily = max((number_of(d) or 0 for d in drawn.written.layer("checkpoints")["daily_2025"]), default=0)
    if daily:
        size = 10 ** int(np.log10(daily))
        yield checkpoint(19, 0, size, 13), fill("figure_per_day", count=f"{size:,}")
    yield checkpoint(19, 0, 0), t("no_passengers")
    present = {kind for kind, _ in drawn.nature}
    for kind, look in palette.DESIGNATIONS.items():
        if kind in present & palette.OPEN_AT_FIRST:
            box = Box(4, -8, 30, 16, "", look["colour"], 0.8, hatch=look["hatch"])
            yield [Box(4, -8, 30, 16, look["colour"], opacity=0.16), box], term("designation", kind)
    if present - palette.OPEN_AT_FIRST:
        yield [Box(4, -7, 30, 14, "", palette.OTHER_DESIGNATION["colour"], 0.8)], t("figure_protected")
    if len(drawn.written.layer("green_corridors")):
        shade = Box(4, -7, 30, 14, palette.CORRIDOR, opacity=0.22)
        yield [shade, Box(4, -7, 30, 14, "", palette.CORRIDOR, 0.8)], t("layer_corridors")
    yield [Box(4, -7, 30, 14, "#ecebe7", palette.NOT_MAPPED, 0.8, hatch="soft")], t("figure_not_mapped")
