"""freight.html: control points for goods as a table and a map, and what would free each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup
from shapely import Point

from corridor.drawing import map_marks, palette
from corridor.drawing.canvas import Box, Disc, Drawing, Mark
from corridor.drawing.ground import Ground, ground_of
from corridor.drawing.i18n import fill, joined, t, term
from corridor.drawing.labels import Room
from corridor.drawing.map_marks import EDGE, around, view
from corridor.drawing.numbers import figure, signed
from corridor.drawing.palette import INK
from corridor.schema.comparison import TODAY
from corridor.schema.rows import number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.comparison import Comparison
from corridor.study.freight import Freight
from corridor.web.compared import compared
from corridor.web.demand_map import ground_marks, square, written
from corridor.web.demand_model import PEOPLE, Spot
from corridor.web.site import Site
from corridor.web.templates import drawn
from corridor.web.travellers import halls

WIDTH, HEIGHT = 960.0, 480.0
MARGIN_M = 4_000.0
RADIUS = 0.12
"""Pixels of a circle's radius for the root of vehicles a day."""
UNKNOWN_PX = 6.0
DASH = "3 3"
LEAST_CHANGE = 500.0
"""Passengers a day; a smaller modelled change at a control point is not told."""


def write_freight(site: Site, freight: Freight, path: Path) -> None:
    """Write freight.html.

    Parameters
    ----------
    site, freight
        Control points and travellers of the scenarios, the layers below the map, and the tables of freight.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    LayerError, AssetError
        As :func:`corridor.web.site.Site.write_from`.
    """
    comparison, layers = site.comparison, site.layers
    spots = halls(comparison)
    ground = ground_of(layers.base)
    site.write_from(
        "freight.html.j2",
        path,
        t("page_freight"),
        rows=list(_cargo_rows(comparison, freight, spots)),
        totals=[_total(row) for row in rows_of(freight.totals)],
        map=cargo_map(freight, spots, ground),
    )


def _cargo_rows(
    comparison: Comparison, freight: Freight, spots: Mapping[str, Spot]
) -> Iterator[dict[str, str | Text | None]]:
    """The control points for goods as the page shows them, in the order of the table."""
    for row in _drawn(freight, spots):
        point, vehicles = row["checkpoint_id"], number_of(row["vehicles_per_day"])
        kind = text_of(row["vehicles_are"])
        year = text_of(row["vehicles_year"]).removesuffix(".0")
        yield {
            "name": spots[point].name,
            "hours": _hours(text_of(row["goods_open"]), text_of(row["goods_close"])),
            "vehicles": t("freight_unknown") if vehicles is None else figure(vehicles),
            "vehicles_are": fill(f"freight_{kind}", year=year) if kind else "",
            "freed": row_name(row, "freed"),
            "passengers": _passengers(comparison, point),
            "source": f"{text_of(row['source'])} ({text_of(row['confidence'])})",
        }


def _drawn(freight: Freight, spots: Mapping[str, Spot]) -> list[dict[str, Any]]:
    """The control points for goods that the networks of the comparison have."""
    return [row for row in rows_of(freight.points) if row["checkpoint_id"] in spots]


def _hours(first: str, last: str) -> Text:
    if not first:
        return t("freight_unknown")
    return t("freight_all_day") if (first, last) == ("00:00", "24:00") else Text(en=f"{first} – {last}")


def _passengers(comparison: Comparison, point: str) -> Text | None:
    """What scenarios change at a control point, passengers a day; None where demand is not modelled or nothing changes much."""
    known, said = compared(comparison), []
    today = comparison.results[comparison.reference_id].year
    for scenario_id, one in comparison.travellers.get(TODAY, {}).items():
        if comparison.results[scenario_id].year < today:
            continue
        change = -float(one.relief.get(point, 0.0))
        if abs(change) >= LEAST_CHANGE:
            said.append(
                fill("freight_relief", scenario=known.title(scenario_id), change=signed(change, PEOPLE))
            )
    return joined(said, "list_semicolon") if said else None


def _total(row: Mapping[str, Any]) -> tuple[Text, Text]:
    year, unit = text_of(row["year"]).removesuffix(".0"), term("freight_unit", row["quantity"])
    said = fill(
        "freight_total", value=figure(row["value"]), unit=unit, year=year, source=text_of(row["source"])
    )
    return row_name(row), said


def cargo_map(freight: Freight, spots: Mapping[str, Spot], ground: Ground) -> Markup:
    """Control points for goods on the ground, circles by vehicles a day.

    Parameters
    ----------
    freight, spots
        The table, and where control points are (EPSG:4547).
    ground
        What is drawn below.
    """
    rows = [(spots[row["checkpoint_id"]], row) for row in _drawn(freight, spots)]
    seen = view(around([Point(s.x_m, s.y_m) for s, _ in rows], MARGIN_M), 0, 0, WIDTH, HEIGHT)
    bar, taken = map_marks.scale_bar(seen, 5)
    room, discs, names = Room(seen.edges(), [taken]), list[Mark](), list[Mark]()
    placed = [(seen.at(spot.x_m, spot.y_m), _reach(row), spot, row) for spot, row in rows]
    room.taken += [square(*at, r) for at, r, _, _ in placed]
    for (x, y), reach, spot, row in placed:
        discs.append(_disc(x, y, reach, text_of(row["vehicles_are"])))
        below = number_of(row["vehicles_per_day"])
        names += written(room, spot.name, Text(en=figure(below)) if below else None, (x, y), reach + 4)
    marks = [*ground_marks(seen, ground), *discs, *bar, *names, Box(*seen.box, "", EDGE, 1)]
    return drawn(Drawing(t("freight_map"), t("freight_map_alt"), WIDTH, HEIGHT, marks))


def _reach(row: Mapping[str, Any]) -> float:
    vehicles = number_of(row["vehicles_per_day"])
    return UNKNOWN_PX if vehicles is None else max(4.0, RADIUS * vehicles**0.5)


def _disc(x: float, y: float, reach: float, kind: str) -> Mark:
    paint = {"observed": palette.AXES[1], "design": "#ffffff"}.get(kind, "")
    return Disc(x, y, reach, paint, INK, 1.4, "" if kind else DASH)
