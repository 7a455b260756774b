"""What a map is drawn of: a view of the ground, zones by class, sea and land, lines by status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.drawing.basemap import singles
from corridor.drawing.canvas import Box, Mark, Path, Words
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, t
from corridor.drawing.labels import Rectangle
from corridor.drawing.legend import Scale
from corridor.drawing.numbers import figure, line_named, signed
from corridor.drawing.palette import QUIET
from corridor.drawing.wrap import em
from corridor.schema.line import BUILT
from corridor.schema.region import Region
from corridor.schema.rows import flag_of, row_name, rows_of, text_of
from corridor.schema.tables import ROAD_AND_SEA_MODES
from corridor.schema.text import Text

PAD = 9.0
"""Pixels beyond its edge to which a view keeps shapes, so that no edge of a cut shows."""
EDGE = "#9a978f"
Strip = tuple[list[Mark], float]
"""The classes of a scale as marks, and the height at which they end."""


@dataclass(frozen=True)
class View:
    """A part of the ground in metres (EPSG:4547) on a rectangle in pixels, with the same scale both ways.

    Attributes
    ----------
    left, top, width, height
        The rectangle in pixels.
    west, south
        The ground at its lower left corner, metres.
    """

    left: float
    top: float
    width: float
    height: float
    west: float
    south: float
    metres: float
    """Metres of ground in a pixel."""

    @property
    def limits(self) -> Rectangle:
        """West, south, east, north of the part that is seen."""
        east, north = self.west + self.width * self.metres, self.south + self.height * self.metres
        return (self.west, self.south, east, north)

    @property
    def box(self) -> Rectangle:
        """Left, top, width and height in pixels."""
        return (self.left, self.top, self.width, self.height)

    def at(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Where points of the ground are drawn.

        Parameters
        ----------
        x, y
            EPSG:4547 metres, a number or arrays of one shape.

        Returns
        -------
        tuple
            Pixels to the right and down, of the same shape.
        """
        down = self.top + self.height - (y - self.south) / self.metres
        return self.left + (x - self.west) / self.metres, down

    def along(self, shape: Any, *shares: float) -> tuple[tuple[Any, Any], ...]:
        """Points in pixels at shares of the longest part of a line (EPSG:4547)."""
        longest = max(shapely.get_parts([shape]), key=shapely.length)
        points = shapely.line_interpolate_point(longest, shares, normalized=True)
        return tuple(self.at(p.x, p.y) for p in points)

    def edges(self, gap: float = 3.0) -> Rectangle:
        """Left, top, right and bottom in pixels, a little inside."""
        return (self.left + gap, self.top + gap, self.left + self.width - gap, self.top + self.height - gap)

    def runs(self, geometry: Any, fine: float) -> list[NDArray[np.float64]]:
        """Rings and lines of a geometry that reach into the view, as runs of pixels.

        Parameters
        ----------
        geometry
            One or more geometries in EPSG:4547.
        fine
            Pixels by which they are simplified; 0 keeps every corner.

        Returns
        -------
        list of numpy.ndarray
            (corners, 2) pixels each; a ring ends where it began.
        """
        pad = PAD * self.metres
        west, south, east, north = self.limits
        simple = shapely.simplify(geometry, fine * self.metres)
        seen = shapely.clip_by_rect(simple, west - pad, south - pad, east + pad, north + pad)
        parts = [shapely.boundary(p) if p.geom_type == "Polygon" else p for p in singles(seen)]
        corners = [shapely.get_coordinates(part) for part in singles(parts)]
        return [np.column_stack(self.at(run[:, 0], run[:, 1])) for run in corners if len(run) > 1]

    def area(self, geometry: Any, fill: str = "", stroke: str = "", weight: float = 1, fine: float = 0.3, **look: Any) -> Path:  # fmt: skip
        """Polygons as one shape with holes.

        Parameters
        ----------
        geometry
            One or more polygons in EPSG:4547.
        fill, stroke
            Colours; empty for none.
        weight
            Width of the edge in pixels.
        fine
            Pixels by which they are simplified.
        **look
            Further fields of :class:`corridor.drawing.canvas.Path`.
        """
        return Path(self.runs(geometry, fine), stroke, weight, fill=fill, closed=True, **look)

    def stroke(self, geometry: Any, colour: str, weight: float, dash: str = "", opacity: float = 1, fine: float = 0.3) -> Path:  # fmt: skip
        """Lines, or the outlines of polygons.

        Parameters
        ----------
        geometry
            One or more geometries in EPSG:4547.
        colour, weight, dash, opacity
            How they look; pixels.
        fine
            Pixels by which they are simplified.
        """
        return Path(self.runs(geometry, fine), colour, weight, dash, opacity=opacity)


def view(bounds: Rectangle, left: float, top: float, width: float, height: float) -> View:
    """The view that shows `bounds` whole, in the middle of a rectangle.

    Parameters
    ----------
    bounds
        West, south, east, north in EPSG:4547 metres.
    left, top, width, height
        The rectangle in pixels.
    """
    west, south, east, north = bounds
    metres = max((east - west) / width, (north - south) / height)
    across, up = (west + east) / 2 - width * metres / 2, (south + north) / 2 - height * metres / 2
    return View(left, top, width, height, across, up, metres)


def around(shapes: Sequence[Any], margin_m: float) -> Rectangle:
    """The box of shapes with a margin.

    Parameters
    ----------
    shapes
        Geometries in EPSG:4547, at least one.
    margin_m
        Metres on every side.

    Returns
    -------
    tuple of float
        West, south, east, north in metres.
    """
    west, south, east, north = (float(v) for v in shapely.total_bounds(np.array(shapes, dtype=object)))
    return (west - margin_m, south - margin_m, east + margin_m, north + margin_m)


def by_colour(shapes: NDArray[Any], colours: Sequence[str]) -> list[tuple[str, NDArray[Any]]]:
    """Zones of each colour.

    Parameters
    ----------
    shapes
        (zones,) geometries.
    colours
        (zones,) colours.

    Returns
    -------
    list of tuple
        A colour and its geometries, in the order in which colours come first.
    """
    own = np.array(colours)
    return [(colour, shapes[own == colour]) for colour in dict.fromkeys(colours)]


def zones(seen: View, classes: Iterable[tuple[str, Any]]) -> Iterator[Mark]:
    """Zones by colour; a thin edge closes the seams between them."""
    for colour, shape in classes:
        yield seen.area(shape, colour, colour, 0.3, fine=0)


def water(seen: View, ground: Ground, fine: float = 0.3, hatch: str = "soft") -> Iterator[Mark]:
    """The sea, and the ground that is not mapped."""
    yield seen.area(ground.sea, palette.SEA, palette.COAST, 0.8, fine=fine)
    yield seen.area(ground.not_mapped, "#ecebe7", fine=fine)
    if hatch:
        yield seen.area(ground.not_mapped, "", palette.NOT_MAPPED, 0, fine=fine, hatch=hatch)


@dataclass(frozen=True)
class Line:
    """One line of a scenario.

    Attributes
    ----------
    axis
        Id of the region's axis that it serves; ``other`` for none.
    status
        Status as the study states it.
    added
        Whether the scenario adds it; others run today.
    counterfactual
        Whether nobody proposes it.
    colour
        Colour of the axis, for a line that is added.
    shape
        Its parts joined, in the CRS of the frame it is from.
    """

    line_id: str
    name: Text
    axis: str
    status: str
    mode: str
    added: bool
    counterfactual: bool
    colour: str
    shape: Any

    @property
    def look(self) -> dict[str, Any]:
        """Weight and dash of a proposed line, by its status."""
        return palette.STATUS.get(self.shown_status, palette.STATUS["studied"])

    @property
    def shown_status(self) -> str:
        """The status that legends name: that nobody proposed it says more than any other."""
        return "counterfactual" if self.counterfactual else self.status

    @property
    def on_road_or_sea(self) -> bool:
        """Whether it is a bus or a ferry."""
        return any(word in self.mode for word in ROAD_AND_SEA_MODES)


def lines_of(frame: gpd.GeoDataFrame, region: Region) -> list[Line]:
    """Lines of a scenario, the parts of each joined so that a dash runs through.

    Parameters
    ----------
    frame
        Parts of lines: line_id, names, axis, status, mode, added, counterfactual. Rows without a shape are left out.
    region
        For the colours of its axes.

    Returns
    -------
    list of Line
        Shapes in the CRS of the frame.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(frame):
        if row["geometry"] is not None and not row["geometry"].is_empty:
            groups.setdefault(text_of(row["line_id"]), []).append(row)
    colours = palette.axes(region)
    return [_line(rows, colours) for rows in groups.values()]


def _line(rows: list[dict[str, Any]], colours: Mapping[str, str]) -> Line:
    first, parts = rows[0], shapely.get_parts([row["geometry"] for row in rows])
    status = text_of(first["status"])
    unproposed = flag_of(first.get("counterfactual")) and status not in BUILT
    return Line(
        line_id=text_of(first["line_id"]),
        name=line_named(row_name(first), status, unproposed),
        axis=text_of(first["axis"]) or "other",
        status=status,
        mode=text_of(first.get("mode")),
        added=flag_of(first["added"]),
        counterfactual=unproposed,
        colour=colours.get(text_of(first["axis"]), palette.OTHER_WORKS),
        shape=shapely.line_merge(shapely.MultiLineString(list(parts))),
    )


def today(seen: View, found: Line) -> Mark:
    """A line of today, thin, for it is a chord from stop to stop."""
    fast = palette.EXPRESS if found.mode == "high_speed" else palette.STATUS["existing"]
    look = palette.ROAD if found.on_road_or_sea else fast
    return seen.stroke(found.shape, palette.EXISTING, look["weight"], look["dash"], 0.6)


def proposed(seen: View, found: Line, thick: float = 1.0, fine: float = 0.3) -> Iterator[Mark]:
    """A line that a scenario adds, dashed by status, with a light edge; `thick` times as thick as on the large map."""
    look = found.look
    yield seen.stroke(found.shape, "#ffffff", look["weight"] * thick + 3 * thick, opacity=0.92, fine=fine)
    yield seen.stroke(found.shape, found.colour, look["weight"] * thick, look["dash"], fine=fine)


# --- classes -----------------------------------------------------------------------------------------


def change_strip(scale: Scale, left: float, top: float, width: float) -> Strip:
    """The classes of change with their limits, and which side is better.

    Parameters
    ----------
    scale
        The scale of the measure.
    left, top, width
        Where the strip is drawn, pixels.

    Returns
    -------
    tuple
        Marks, and the height at which they end.
    """
    limits = [*(-b for b in reversed(scale.change_breaks)), *scale.change_breaks]
    marks, y = _strip(scale.change_colours, [signed(b) for b in limits], left, top, width)
    low, high = ("worse", "better") if scale.higher_is_better else ("better", "worse")
    marks += [
        Words(left, y + 8, fill("arrow_left", words=t(low)), 12, QUIET),
        Words(left + width / 2, y + 8, t("no_change"), 12, QUIET, "middle"),
        Words(left + width, y + 8, fill("arrow_right", words=t(high)), 12, QUIET, "end"),
    ]
    return marks, y + 18


def value_strip(scale: Scale, left: float, top: float, width: float) -> Strip:
    """The classes of value with their limits.

    Parameters
    ----------
    scale
        The scale of the measure.
    left, top, width
        Where the strip is drawn, pixels.

    Returns
    -------
    tuple
        Marks, and the height at which they end.
    """
    return _strip(scale.colours, [figure(b) for b in scale.breaks], left, top, width)


def _strip(colours: Sequence[str], words: list[str], left: float, top: float, width: float) -> Strip:
    step = width / len(colours)
    tight = max(12 * em(limit) for limit in words) > step - 5
    marks: list[Mark] = [Box(left + i * step, top, step, 20, c, EDGE, 0.8) for i, c in enumerate(colours)]
    for number, limit in enumerate(words, start=1):
        # long limits in narrow classes would run into one another: every second one goes a line down
        below = 44 if tight and number % 2 == 0 else 30
        marks.append(Words(left + number * step, top + below, limit, 12, across="middle"))
    return marks, top + (54 if tight else 40)


def scale_bar(seen: View, kilometres: int) -> tuple[list[Mark], Rectangle]:
    """A bar of some kilometres at the lower right of a view.

    Parameters
    ----------
    seen
        The view.
    kilometres
        Length of ground.

    Returns
    -------
    tuple
        Marks, and the room they take (left, top, right, bottom in pixels), which names keep clear of.
    """
    long = kilometres * 1000 / seen.metres
    _, _, right, y = seen.edges(16)
    left, length = right - long, fill("figure_with_unit", number=kilometres, unit=t("km"))
    bar = Path((((left, y - 5), (left, y), (right, y), (right, y - 5)),), palette.CHECKPOINT, 1.4)
    words = Words((left + right) / 2, y - 14, length, 12, across="middle")
    back = Box(left - 10, y - 24, long + 20, 32, "#ffffff", opacity=0.82)
    return [back, bar, words], (left - 12, y - 26, right + 12, y + 10)
