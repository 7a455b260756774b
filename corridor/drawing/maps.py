"""Maps of a comparison: a scenario's change or value by zone, and the pair of before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, joined, sentences, t, term
from corridor.drawing.labels import Box, Label, Room, ordered
from corridor.drawing.legend import Scale
from corridor.drawing.numbers import figure, marked, signed
from corridor.drawing.sheet import INK, POINTS, QUIET, RULE, Sheet, dashes
from corridor.drawing.written import Scenario, Written
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.tables import ROAD_AND_SEA_MODES
from corridor.schema.text import Text

MARGIN_M = 1_500.0
FOCUS_M = 3_500.0
FINE_M = 20.0
DISC = 0.034
"""Units of a control point's radius for the root of its passengers a day."""
HATCH = {"up": "////", "down": "\\\\\\\\", "cross": "xxxx", "level": "----", "dots": "....", "soft": "//"}
BUILT = frozenset({"existing", "construction"})
BAR_KM = 5
LEAST_INSET = 150.0


@dataclass(frozen=True)
class View:
    """A part of the ground in metres on a part of the sheet in units, with the same scale both ways."""

    left: float
    top: float
    width: float
    height: float
    west: float
    south: float
    metres: float
    """Metres of ground in a unit of the sheet."""

    @property
    def limits(self) -> Box:
        """West, south, east, north of the part that is seen."""
        return (
            self.west,
            self.south,
            self.west + self.width * self.metres,
            self.south + self.height * self.metres,
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the ground lies on the sheet."""
        return self.left + (x - self.west) / self.metres, self.top + self.height - (
            y - self.south
        ) / self.metres

    def edges(self, gap: float = 3.0) -> Box:
        """The rectangle of the sheet, a little inside."""
        return (self.left + gap, self.top + gap, self.left + self.width - gap, self.top + self.height - gap)


def view(bounds: Box, left: float, top: float, width: float, height: float) -> View:
    """The view that shows `bounds` (west, south, east, north in metres) whole, in the middle of a rectangle."""
    west, south, east, north = bounds
    metres = max((east - west) / width, (north - south) / height)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return View(
        left, top, width, height, middle_x - width * metres / 2, middle_y - height * metres / 2, metres
    )


@dataclass(frozen=True)
class Drawn:
    """Shapes of one comparison as they are drawn, made once for all its maps."""

    written: Written
    ground: Ground

    @cached_property
    def bounds(self) -> Box:
        """All land, with a margin."""
        west, south, east, north = self.ground.bounds
        return (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)

    @cached_property
    def focus(self) -> Box:
        """What scenarios build and where people cross, with a margin; all land where nothing is built."""
        lines = self.written.layer("lines")
        shapes = [*lines.geometry[lines["added"].map(flag_of)], *self.written.layer("checkpoints").geometry]
        if not shapes:
            return self.bounds
        west, south, east, north = (float(v) for v in shapely.total_bounds(np.array(shapes)))
        return (west - FOCUS_M, south - FOCUS_M, east + FOCUS_M, north + FOCUS_M)

    @cached_property
    def zones(self) -> list[Outline]:
        """Outlines of the zones; where two sides share a square, each has its own land of it."""
        zones = self.written.layer("zones")
        shapes = zones.geometry.to_numpy().copy()
        if "region" in zones.columns:
            shared = np.flatnonzero(zones.geometry.bounds.round(1).duplicated(keep=False))
            for at in shared:
                side = self.ground.sides.get(text_of(zones["region"].iloc[at]))
                if side is not None and not (part := shapely.intersection(shapes[at], side)).is_empty:
                    shapes[at] = part
        return [outline(shape) for shape in shapes]

    @cached_property
    def base(self) -> dict[str, Outline]:
        """Outlines of the ground."""
        return {name: outline(getattr(self.ground, name)) for name in ("land", "sea", "not_mapped")}

    @cached_property
    def nature(self) -> list[tuple[str, Outline]]:
        """Kind and outline of every designated area, no finer than can be seen."""
        return [
            (text_of(r["designation"]), outline(shapely.simplify(r["geometry"], FINE_M)))
            for r in rows_of(self.written.layer("designations"))
        ]

    @cached_property
    def corridors(self) -> list[Outline]:
        """Outlines of the green corridors."""
        return [outline(shapely.simplify(g, FINE_M)) for g in self.written.layer("green_corridors").geometry]

    def lines(self, scenario_id: str) -> list[Line]:
        """Lines of a scenario, the parts of each joined so that a dash runs through; those added last."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in rows_of(self.written.of_scenario("lines", scenario_id)):
            if row["geometry"] is not None and not row["geometry"].is_empty:
                groups.setdefault(text_of(row["line_id"]), []).append(row)
        return sorted((_line(rows) for rows in groups.values()), key=lambda line: line.added)


@dataclass(frozen=True)
class Line:
    """One line of a scenario, EPSG:4547."""

    name: Text
    axis: str
    status: str
    mode: str
    added: bool
    shape: Any


def outline(geometry: Any) -> Outline:
    """The rings of a polygon, or of several, as one path."""
    rings = [
        ring
        for part in shapely.get_parts([geometry])
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return Outline(np.empty((0, 2)))
    corners = [np.asarray(ring.coords)[:, :2] for ring in rings]
    codes = [np.r_[Outline.MOVETO, np.full(len(c) - 2, Outline.LINETO), Outline.CLOSEPOLY] for c in corners]
    return Outline(np.concatenate(corners), np.concatenate(codes).astype(np.uint8))


def _line(rows: list[dict[str, Any]]) -> Line:
    first = rows[0]
    parts = shapely.get_parts([row["geometry"] for row in rows])
    status = text_of(first["status"])
    unproposed = flag_of(first.get("counterfactual")) and status not in BUILT
    name = row_name(first)
    return Line(
        name=marked(name, "counterfactual_short") if unproposed else name,
        axis=text_of(first["axis"]) or "other",
        status="counterfactual" if unproposed else status,
        mode=text_of(first["mode"]),
        added=flag_of(first["added"]),
        shape=shapely.line_merge(shapely.MultiLineString(list(parts))),
    )


def value_colours(values: NDArray[np.float64], scale: Scale) -> list[str]:
    """The colour of each value; what is unknown is grey."""
    classes = np.digitize(values, scale.breaks)
    return [
        scale.colours[c] if known else palette.NO_DATA
        for c, known in zip(classes, np.isfinite(values), strict=True)
    ]


def change_colours(changes: NDArray[np.float64], scale: Scale) -> list[str]:
    """The colour of each change, symmetrical about little or none; what is unknown is grey."""
    steps = np.digitize(np.abs(changes), scale.change_breaks) * np.sign(np.nan_to_num(changes)).astype(int)
    middle = len(scale.change_breaks)
    return [
        scale.change_colours[middle + s] if known else palette.NO_DATA
        for s, known in zip(steps, np.isfinite(changes), strict=True)
    ]


def change_map(drawn: Drawn, sheet: Sheet, scenario_id: str, row: int) -> Text:
    """Draw the change of one measure against the reference; the alt text."""
    written, scale = drawn.written, drawn.written.scale(row)
    before, after = written.values[written.reference_id][row], written.values[scenario_id][row]
    scenario, measure = written.scenarios[scenario_id], _measure_at(written, row)
    reference = written.scenarios[written.reference_id].title
    facts = _facts(drawn, scenario_id, row)
    y = _head(sheet, scenario, measure, fill("figure_change", reference=reference), facts)
    y = _change_strip(sheet, scale, y)
    _one_map(drawn, sheet, scenario_id, change_colours(after - before, scale), y)
    return fill(
        "figure_alt_map",
        south=drawn.ground.region.south.name,
        north=drawn.ground.region.north.name,
        scenario=_named(scenario),
        measure=measure,
        reference=reference,
        facts=sentences(facts),
    )


def value_map(drawn: Drawn, sheet: Sheet, scenario_id: str, row: int) -> Text:
    """Draw the values of one measure; the alt text."""
    written, scale = drawn.written, drawn.written.scale(row)
    scenario, measure = written.scenarios[scenario_id], _measure_at(written, row)
    facts = _value_facts(drawn, scenario_id, row)
    y = _value_strip(sheet, scale, _head(sheet, scenario, measure, Text(en=""), facts))
    _one_map(drawn, sheet, scenario_id, value_colours(written.values[scenario_id][row], scale), y)
    return fill(
        "figure_alt_value",
        south=drawn.ground.region.south.name,
        north=drawn.ground.region.north.name,
        scenario=_named(scenario),
        measure=measure,
        facts=sentences(facts),
    )


LEFT, COLUMN = 36.0, 452.0
MAP = (516.0, 28.0, 1056.0, 800.0)
PAIR = ((24.0, 128.0, 768.0, 588.0), (808.0, 128.0, 768.0, 588.0))


def pair_map(drawn: Drawn, sheet: Sheet, scenario_id: str, row: int) -> Text:
    """Draw the reference and a scenario side by side in one scale; the alt text."""
    written, scale = drawn.written, drawn.written.scale(row)
    scenario, reference = written.scenarios[scenario_id], written.scenarios[written.reference_id]
    measure = _measure_at(written, row)
    facts = _facts(drawn, scenario_id, row)
    sheet.write(LEFT - 12, 22, sheet.say(measure), 27, bold=True, width=1540, most=1)
    sheet.write(LEFT - 12, 62, sheet.say(sentences(facts)), 15, colour=QUIET, width=1540, most=1)
    for spot, key, shown in zip(PAIR, ("figure_before", "figure_after"), (reference, scenario), strict=True):
        sheet.write(
            spot[0], 96, sheet.say(fill(key, title=_named(shown))), 18, bold=True, width=spot[2], most=1
        )
        colours = value_colours(written.values[shown.scenario_id][row], scale)
        _panel(drawn, sheet, view(drawn.focus, *spot), shown.scenario_id, colours, bar=spot is PAIR[0])
    _value_strip(sheet, scale, 728, LEFT - 12, 520)
    _key(drawn, sheet, (written.reference_id, scenario_id), 724, 590, 240, 4, 822)
    _foot(sheet, drawn.ground, 830)
    return fill(
        "figure_alt_pair",
        south=drawn.ground.region.south.name,
        north=drawn.ground.region.north.name,
        reference=reference.title,
        scenario=_named(scenario),
        measure=measure,
        facts=sentences(facts),
    )


def _measure_at(written: Written, row: int) -> Text:
    measure = written.measures[row]
    return fill("figure_at", measure=measure.name, hour=measure.hour)


def _named(scenario: Scenario) -> Text:
    return marked(scenario.title, "counterfactual_short") if scenario.counterfactual else scenario.title


def counted(value: float, unit: Text, sign: bool = False) -> Text:
    """A number with its unit."""
    return fill("figure_number_unit", number=(signed if sign else figure)(value, unit.en), unit=unit)


def _facts(drawn: Drawn, scenario_id: str, row: int) -> list[Text]:
    """Sentences with the figures of a change: the mean where it is a criterion, and who lives where it is felt."""
    written, measure, scale = drawn.written, drawn.written.measures[row], drawn.written.scale(row)
    said = []
    for criterion in written.criteria:
        if criterion.criterion_id == measure.measure_id:
            before, after = criterion.value[written.reference_id], criterion.value[scenario_id]
            said.append(
                fill(
                    "figure_mean", before=figure(before, criterion.unit), after=figure(after, criterion.unit),
                    change=signed(after - before, criterion.unit),
                )
            )  # fmt: skip
    change = written.values[scenario_id][row] - written.values[written.reference_id][row]
    people, step = written.layer("zones")["residents"].to_numpy(float), scale.change_breaks[0]
    gain, lose = (figure(people[side >= step].sum(), "residents") for side in (change, -change))
    felt = fill("figure_gain", gain=gain, lose=lose, step=counted(step, measure.unit))
    return [Text(en=s.en + ".", zh_hant=s.zh_hant + "。", zh_hans=s.zh_hans + "。") for s in said] + [felt]


def _value_facts(drawn: Drawn, scenario_id: str, row: int) -> list[Text]:
    measure = drawn.written.measures[row]
    found = [c.value[scenario_id] for c in drawn.written.criteria if c.criterion_id == measure.measure_id]
    if found:
        return [fill("figure_mean_value", value=counted(found[0], measure.unit))]
    values = drawn.written.values[scenario_id][row]
    return [fill("figure_highest", value=counted(float(np.nanmax(values)), measure.unit))]


def _head(sheet: Sheet, scenario: Scenario, measure: Text, against: Text, facts: Sequence[Text]) -> float:
    """Title, what is shown and the figures; where the legend may begin."""
    y = sheet.write(LEFT, 28, sheet.say(scenario.title), 29, bold=True, width=COLUMN, most=3) + 4
    if scenario.counterfactual:
        words = sheet.say(t("counterfactual"))
        sheet.box(LEFT, y, min(sheet.width_of(words, 14, True) + 16, COLUMN), 24, palette.AXES["central"])
        y = (
            sheet.write(
                LEFT + 8, y + 3, sheet.cut(words, 14, COLUMN - 16, True), 14, bold=True, colour="#ffffff"
            )
            + 8
        )
    y = sheet.write(LEFT, y, sheet.say(measure), 17, bold=True, width=COLUMN, most=2)
    if against.en:
        y = sheet.write(LEFT, y, sheet.say(against), 15, width=COLUMN, colour=QUIET, most=2)
    y += 4
    for fact in facts:
        y = sheet.write(LEFT, y, sheet.say(fact), 14, width=COLUMN, most=3) + 2
    return y + 10


def _change_strip(sheet: Sheet, scale: Scale, y: float, left: float = LEFT, width: float = COLUMN) -> float:
    """The classes of change as a strip, its limits beneath."""
    limits = [*(-b for b in reversed(scale.change_breaks)), *scale.change_breaks]
    words = [signed(b) for b in limits]
    y = _strip(sheet, scale.change_colours, words, y, left, width)
    sheet.write(
        left, y, "← " + sheet.say(t("worse" if scale.higher_is_better else "better")), 12, colour=QUIET
    )
    sheet.write(left + width / 2, y, sheet.say(t("no_change")), 12, colour=QUIET, across="center")
    sheet.write(
        left + width,
        y,
        sheet.say(t("better" if scale.higher_is_better else "worse")) + " →",
        12,
        colour=QUIET,
        across="right",
    )
    return _strip_note(sheet, scale, y + 18, left, width)


def _value_strip(sheet: Sheet, scale: Scale, y: float, left: float = LEFT, width: float = COLUMN) -> float:
    """The classes of value as a strip, their limits beneath."""
    y = _strip(sheet, scale.colours, [figure(b) for b in scale.breaks], y, left, width)
    return _strip_note(sheet, scale, y, left, width)


def _strip(
    sheet: Sheet, colours: Sequence[str], words: Sequence[str], y: float, left: float, width: float
) -> float:
    step = width / len(colours)
    for number, colour in enumerate(colours):
        sheet.box(left + number * step, y, step, 20, colour, edge="#9a978f")
    tight = max(sheet.width_of(limit, 12) for limit in words) > step - 5
    for number, limit in enumerate(words, start=1):
        below = 36 if tight and number % 2 == 0 else 22
        sheet.write(left + number * step, y + below, limit, 12, across="center")
    return y + (54 if tight else 40)


def _strip_note(sheet: Sheet, scale: Scale, y: float, left: float, width: float) -> float:
    """The unit, that the scale is fixed, and the two greys."""
    y = sheet.write(
        left, y, sheet.say(scale.unit) + " · " + sheet.say(t("fixed_scale")), 12, colour=QUIET, width=width
    )
    x = left
    for colour, key in ((palette.NO_DATA, "no_data"), (palette.LAND, "empty_land")):
        sheet.box(x, y + 4, 20, 12, colour, edge="#9a978f")
        sheet.write(x + 26, y + 2, sheet.say(t(key)), 12)
        x += 26 + sheet.width_of(sheet.say(t(key)), 12) + 18
    return y + 26


def _one_map(drawn: Drawn, sheet: Sheet, scenario_id: str, colours: Sequence[str], y: float) -> None:
    seen = view(drawn.focus, *MAP)
    _panel(drawn, sheet, seen, scenario_id, colours, bar=True)
    sheet.stroke((LEFT, LEFT + COLUMN), (y, y), RULE, 1)
    end = _key(drawn, sheet, (scenario_id,), y + 8, LEFT, 222, 2, 826) + 12
    if 828 - end >= LEAST_INSET:
        _inset(drawn, sheet, view(drawn.bounds, LEFT, end, COLUMN, 828 - end), seen, colours)
    _foot(sheet, drawn.ground, 836)


def _inset(drawn: Drawn, sheet: Sheet, whole: View, seen: View, colours: Sequence[str]) -> None:
    """All zones, small, with the frame of the larger map."""
    axes = _ground(drawn, sheet, whole, colours)
    west, south, east, north = seen.limits
    _patch(
        axes,
        Rectangle(
            (west, south),
            east - west,
            north - south,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.4 * POINTS,
            zorder=9,
        ),
    )


def _foot(sheet: Sheet, ground: Ground, y: float) -> None:
    """What must stay beside every map: notice, date, holders of the data."""
    notes = sentences([_stop(t("indicative")), t("screening"), t("figure_modelled")])
    y = sheet.write(24, y, sheet.say(notes), 12.5, width=1552, most=1) + 1
    data = sentences(
        [
            fill("figure_data", names=joined([*ground.attributions])),
            fill("date_note", date=ground.date),
            t("figure_coordinates"),
        ]
    )
    sheet.write(24, y, sheet.say(data), 11, colour=QUIET, width=1552, most=3)


def _stop(words: Text) -> Text:
    return Text(
        en=words.en[:1].upper() + words.en[1:] + ".",
        zh_hant=words.zh_hant + "。",
        zh_hans=words.zh_hans + "。",
    )


def _panel(
    drawn: Drawn, sheet: Sheet, seen: View, scenario_id: str, colours: Sequence[str], bar: bool
) -> None:
    """One map: ground, zones, nature, lines, control points and names."""
    axes, ground = _ground(drawn, sheet, seen, colours), drawn.ground
    _nature(axes, drawn)
    _strokes(axes, [ground.boundary], "#ffffff", 3.6, "", 6)
    _strokes(axes, [ground.boundary], palette.BOUNDARY, 1.6, "8 3 2 3", 6.1)
    lines = drawn.lines(scenario_id)
    for number, line in enumerate(lines):
        _draw_line(axes, line, 7 + number * 1e-3)
    room = Room(seen.edges())
    if bar:
        room.taken.append(_scale_bar(sheet, seen))
    stations = _stations(drawn, sheet, seen, scenario_id, room)
    points = _checkpoints(drawn, sheet, seen, scenario_id, room)
    _names(drawn, sheet, seen, room, [*points, *_line_names(sheet, seen, lines), *stations])


def _ground(drawn: Drawn, sheet: Sheet, seen: View, colours: Sequence[str]) -> Axes:
    """The zones on land, sea about them."""
    axes = sheet.frame(seen.left, seen.top, seen.width, seen.height)
    west, south, east, north = seen.limits
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#9a978f")
        spine.set_linewidth(0.8 * POINTS)
    base, ground = drawn.base, drawn.ground
    _patch(axes, PathPatch(base["land"], facecolor=palette.LAND, edgecolor="none", zorder=1))
    seen_zones = [
        (path, colour) for path, colour in zip(drawn.zones, colours, strict=True) if _within(path, seen)
    ]
    paths, fills = [path for path, _ in seen_zones], [colour for _, colour in seen_zones]
    axes.add_collection(
        PathCollection(paths, facecolors=fills, edgecolors=fills, linewidths=0.2, zorder=2), autolim=False
    )
    _strokes(axes, [ground.district_lines], palette.DISTRICT, 0.8, "1.5 2.5", 3)
    _patch(
        axes,
        PathPatch(
            base["sea"], facecolor=palette.SEA, edgecolor=palette.COAST, linewidth=0.8 * POINTS, zorder=4
        ),
    )
    _patch(
        axes,
        PathPatch(
            base["not_mapped"],
            facecolor="#ecebe7",
            edgecolor=palette.NOT_MAPPED,
            hatch="//",
            linewidth=0,
            zorder=4.1,
        ),
    )
    return axes


def _within(path: Outline, seen: View) -> bool:
    """Whether a shape reaches into the view."""
    west, south, east, north = seen.limits
    corners = np.asarray(path.vertices, dtype=float)
    if not len(corners):
        return False
    xs, ys = corners[:, 0], corners[:, 1]
    return bool(xs.max() > west and xs.min() < east and ys.max() > south and ys.min() < north)


def _patch(axes: Axes, patch: Patch) -> None:
    """Add a shape without asking how far it reaches: the view is set already."""
    axes.add_artist(patch)


def _strokes(
    axes: Axes,
    shapes: Iterable[Any],
    colour: str,
    weight: float,
    dash: str,
    level: float,
    opacity: float = 1.0,
) -> None:
    runs = [
        np.asarray(part.coords)[:, :2]
        for shape in shapes
        for part in shapely.get_parts([shape])
        if part.geom_type == "LineString"
    ]
    axes.add_collection(
        LineCollection(runs, colors=[to_rgba(colour, opacity)], linewidths=weight * POINTS, linestyles=[dashes(dash, weight)], capstyle="butt", zorder=level),
        autolim=False,
    )  # fmt: skip


def _nature(axes: Axes, drawn: Drawn) -> None:
    for kind, path in drawn.nature:
        look = palette.DESIGNATIONS.get(kind, palette.OTHER_DESIGNATION)
        if kind in palette.OPEN_AT_FIRST:
            _patch(
                axes,
                PathPatch(
                    path,
                    facecolor=to_rgba(look["colour"], 0.16),
                    edgecolor=to_rgba(look["colour"], 0.75),
                    hatch=HATCH[look["hatch"]],
                    linewidth=0,
                    zorder=5,
                ),
            )
            _patch(
                axes,
                PathPatch(
                    path, facecolor="none", edgecolor=look["colour"], linewidth=1.1 * POINTS, zorder=5.1
                ),
            )
        else:
            _patch(
                axes,
                PathPatch(
                    path,
                    facecolor="none",
                    edgecolor=to_rgba(palette.OTHER_DESIGNATION["colour"], 0.75),
                    linewidth=0.8 * POINTS,
                    zorder=4.9,
                ),
            )
    for path in drawn.corridors:
        _patch(
            axes,
            PathPatch(
                path,
                facecolor=to_rgba(palette.CORRIDOR, 0.22),
                edgecolor=palette.CORRIDOR,
                linewidth=1.3 * POINTS,
                linestyle=dashes("1.3 2.6", 1.3),
                zorder=5.2,
            ),
        )


def today(line: Line) -> dict[str, Any]:
    """How a line of today is drawn."""
    road = any(word in line.mode for word in ROAD_AND_SEA_MODES)
    return (
        palette.ROAD if road else palette.EXPRESS if line.mode == "high_speed" else palette.STATUS["existing"]
    )


def _draw_line(axes: Axes, line: Line, level: float) -> None:
    if not line.added:
        look = today(line)
        _strokes(axes, [line.shape], palette.EXISTING, look["weight"], look["dash"], level, 0.6)
        return
    look = palette.STATUS.get(line.status, palette.STATUS["studied"])
    _strokes(axes, [line.shape], "#ffffff", look["weight"] + 3.2, "", level, 0.92)
    _strokes(
        axes,
        [line.shape],
        palette.AXES.get(line.axis, palette.AXES["other"]),
        look["weight"],
        look["dash"],
        level + 5e-4,
    )


def radius(daily: float | None) -> float:
    """Units of a control point's disc for its passengers a day; its area follows their number."""
    return max(5.0, DISC * float(np.sqrt(daily or 0.0)))


def _checkpoints(drawn: Drawn, sheet: Sheet, seen: View, scenario_id: str, room: Room) -> list[Label]:
    """Draw the discs, take their room, and give their names."""
    rows = []
    for row in rows_of(drawn.written.of_scenario("checkpoints", scenario_id)):
        x, y = seen.at(row["geometry"].x, row["geometry"].y)
        left, top, right, bottom = seen.edges()
        if not (left < x < right and top < y < bottom):
            continue
        rows.append((number_of(row["daily_2025"]) or 0.0, x, y, sheet.say(row_name(row))))
    for daily, x, y, _ in sorted(rows, reverse=True):
        r = radius(daily)
        room.taken.append((x - r, y - r, x + r, y + r))
        sheet.disc(x, y, r, "#ffffffcc" if daily else "#ffffff00", palette.CHECKPOINT, 1.8)
        if daily:
            sheet.disc(x, y, 2, palette.CHECKPOINT, "none", 0)
    return [
        Label(name, ((x, y),), 13.5, 0 if daily else 2, INK, True, radius(daily) + 3)
        for daily, x, y, name in rows
    ]


def _stations(drawn: Drawn, sheet: Sheet, seen: View, scenario_id: str, room: Room) -> list[Label]:
    """Draw the stations that are added, take their room, and give their names."""
    labels = []
    for row in rows_of(drawn.written.of_scenario("stations", scenario_id)):
        x, y = seen.at(row["geometry"].x, row["geometry"].y)
        left, top, right, bottom = seen.edges(6)
        if flag_of(row["added"]) and left < x < right and top < y < bottom:
            room.taken.append((x - 5, y - 5, x + 5, y + 5))
            sheet.disc(x, y, 4.2, "#ffffff", INK, 2)
            labels.append(Label(sheet.say(row_name(row)), ((x, y),), 12, 2, INK, False, 7))
    return labels


def _line_names(sheet: Sheet, seen: View, lines: Sequence[Line]) -> list[Label]:
    found = []
    for line in lines:
        if not line.added:
            continue
        longest = max(shapely.get_parts([line.shape]), key=shapely.length)
        spots = [
            shapely.line_interpolate_point(longest, share, normalized=True)
            for share in (0.5, 0.35, 0.65, 0.2, 0.8)
        ]
        points = tuple(seen.at(p.x, p.y) for p in spots)
        found.append(
            Label(
                sheet.say(line.name),
                points,
                13,
                1,
                palette.AXES.get(line.axis, palette.AXES["other"]),
                True,
                7,
            )
        )
    return found


def _names(drawn: Drawn, sheet: Sheet, seen: View, room: Room, labels: list[Label]) -> None:
    ground = drawn.ground
    labels = labels + [
        Label(sheet.say(name), (seen.at(*at),), 12, 4, QUIET) for name, _, at in ground.districts.values()
    ]
    labels += [Label(sheet.say(name), (seen.at(*at),), 13, 3, "#3f6273") for name, at in ground.waters]
    for label in ordered(labels):
        wide = sheet.width_of(label.words, label.size, label.bold)
        box = room.place(label, wide)
        if box:
            sheet.write(
                box[0], box[1], label.words, label.size, bold=label.bold, colour=label.colour, halo=True
            )


def _scale_bar(sheet: Sheet, seen: View) -> Box:
    """A bar of some kilometres at the lower right; the room it takes."""
    long = BAR_KM * 1000 / seen.metres
    right, y = seen.left + seen.width - 16, seen.top + seen.height - 16
    sheet.box(right - long - 10, y - 24, long + 20, 32, "#ffffffd0")
    sheet.stroke((right - long, right - long, right, right), (y - 5, y, y, y - 5), INK, 1.4)
    sheet.write(right - long / 2, y - 22, f"{BAR_KM} {sheet.say(t('km'))}", 12, across="center")
    return (right - long - 12, y - 26, right + 12, y + 10)


def _key(
    drawn: Drawn,
    sheet: Sheet,
    scenario_ids: Sequence[str],
    y: float,
    left: float,
    width: float,
    columns: int,
    floor: float,
) -> float:
    """What the marks mean, row by row in columns; only what is drawn. Where the sheet is free again."""
    marks = [
        (mark, sheet.lines(sheet.say(words), 12, width - 46)[:2])
        for mark, words in _marks(drawn, scenario_ids)
    ]
    rows = -(-len(marks) // columns)
    tall = 33.0 if any(len(lines) > 1 for _, lines in marks) else 27.0
    step = min(tall, (floor - y) / max(rows, 1))
    for number, (kind, lines) in enumerate(marks):
        x, middle = left + (number // rows) * (width + 8), y + (number % rows + 0.5) * step
        _mark(sheet, kind, x, middle)
        for at, line in enumerate(lines if step >= 30 else lines[:1]):
            sheet.write(x + 46, middle + 15 * (at - len(lines) / 2) - 1, line, 12)
    return y + rows * step


Mark = tuple[str, ...]


def _marks(drawn: Drawn, scenario_ids: Sequence[str]) -> list[tuple[Mark, Text]]:
    lines = [line for i in scenario_ids for line in drawn.lines(i)]
    kinds = sorted(
        {(line.axis if line.axis in palette.AXES else "other", line.status) for line in lines if line.added}
    )
    marks: list[tuple[Mark, Text]] = [
        (("line", axis, status), fill("figure_line", axis=t(f"axis_{axis}"), status=term("status", status)))
        for axis, status in kinds
    ]
    if any(not line.added for line in lines):
        marks.append((("today",), t("figure_today")))
    marks.append((("boundary",), t("figure_boundary")))
    stations = drawn.written.layer("stations")
    if any(flag_of(a) for a in stations["added"]):
        marks.append((("station",), t("station_added")))
    daily = max((number_of(d) or 0 for d in drawn.written.layer("checkpoints")["daily_2025"]), default=0)
    if daily:
        size = 10 ** int(np.log10(daily))
        marks.append((("disc", str(size)), fill("figure_per_day", count=f"{size:,}")))
    marks.append((("disc", ""), t("no_passengers")))
    present = {kind for kind, _ in drawn.nature}
    marks += [
        (("area", kind), term("designation", kind))
        for kind in palette.DESIGNATIONS
        if kind in present & palette.OPEN_AT_FIRST
    ]
    if present - palette.OPEN_AT_FIRST:
        marks.append((("protected",), t("figure_protected")))
    if drawn.corridors:
        marks.append((("corridor",), t("layer_corridors")))
    return [*marks, (("unmapped",), t("figure_not_mapped"))]


def _mark(sheet: Sheet, mark: Mark, x: float, y: float) -> None:
    """One mark of the legend, 38 units wide about a height."""
    match mark:
        case ("line", axis, status):
            look = palette.STATUS.get(status, palette.STATUS["studied"])
            sheet.stroke((x, x + 38), (y, y), palette.AXES[axis], look["weight"], look["dash"])
        case ("today",):
            sheet.stroke((x, x + 38), (y, y), palette.EXISTING, 1.0)
        case ("boundary",):
            sheet.stroke((x, x + 38), (y, y), palette.BOUNDARY, 1.6, "8 3 2 3")
        case ("disc", size):
            r = min(radius(float(size or 0)), 13)
            sheet.disc(x + 19, y, r, "#ffffff", palette.CHECKPOINT, 1.8)
            if size:
                sheet.disc(x + 19, y, 2, palette.CHECKPOINT, "none", 0)
        case ("station",):
            sheet.disc(x + 19, y, 4.2, "#ffffff", INK, 2)
        case ("area", kind):
            look = palette.DESIGNATIONS[kind]
            sheet.box(
                x + 4,
                y - 8,
                30,
                16,
                to_rgba(look["colour"], 0.16),
                to_rgba(look["colour"], 0.9),
                HATCH[look["hatch"]],
            )
        case ("protected",):
            sheet.box(x + 4, y - 7, 30, 14, "none", palette.OTHER_DESIGNATION["colour"])
        case ("corridor",):
            sheet.box(x + 4, y - 7, 30, 14, to_rgba(palette.CORRIDOR, 0.22), palette.CORRIDOR)
        case _:
            sheet.box(x + 4, y - 7, 30, 14, "#ecebe7", palette.NOT_MAPPED, "//")
