"""cities.html: how strongly the cities of the wider area are linked, and what the scenarios change among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite, sqrt
from pathlib import Path as FilePath
from typing import Any

from markupsafe import Markup
from shapely import Point

from corridor.core.crs import project_xy
from corridor.drawing import map_marks, palette
from corridor.drawing.canvas import Box, Disc, Drawing, Mark, Path
from corridor.drawing.i18n import fill, joined, t
from corridor.drawing.labels import Room
from corridor.drawing.map_marks import EDGE, around, view
from corridor.drawing.numbers import figure, signed
from corridor.drawing.palette import INK
from corridor.schema.rows import names, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.cities import SHORTER_MIN, Cities
from corridor.web.demand_map import Spot, square, written
from corridor.web.site import Site
from corridor.web.tables import Cell, Row
from corridor.web.templates import drawn

WIDTH, HEIGHT = 480.0, 330.0
MARGIN_M = 18_000.0
SCALE_KM = 20
LEAST_STRENGTH = 1.0
"""Of the strongest pair's 100, below which no line is drawn."""
WIDEST_PX = 12.0
RADIUS_PX = 0.8
"""Pixels of a circle's radius for the root of a billion dollars."""
DASH = "6 4"
FIRST_PAIRS = 15


def write_cities(site: Site, cities: Cities, path: FilePath) -> None:
    """Write cities.html.

    Parameters
    ----------
    site, cities
        The scenarios and their layers, and the tables of cities.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    LayerError, AssetError
        As :func:`corridor.web.site.Site.write_from`.
    """
    site.write_from(
        "cities.html.j2",
        path,
        t("page_cities"),
        cities=list(_city_rows(cities)),
        exponents=cities.exponents,
        agreement=list(_agreement(cities)),
        map=link_map(cities),
        least_strength=LEAST_STRENGTH,
        pairs=list(pair_rows(cities)),
        first_rows=FIRST_PAIRS,
        shorter_min=SHORTER_MIN,
        corridors=list(_corridor_rows(site, cities)),
    )


def _city_rows(cities: Cities) -> Iterator[Row]:
    for row in rows_of(cities.table):
        low, high = figure(row["rank_low"]), figure(row["rank_high"])
        spread = t("cities_rank_same") if low == high else fill("cities_rank_range", low=low, high=high)
        place = number_of(row["published_class"])
        yield row_name(row), [
            Cell(figure(round(row["linkage"], 1))),
            Cell(figure(row["rank"]), (("range", spread),)),
            _sourced(row, "population", "residents"),
            _sourced(row, "gdp", "", "gdp_usd_bn"),
            Cell(t("cities_not_ranked")) if place is None
            else Cell(figure(place), (("", text_of(row["published_source"])),)),
        ]  # fmt: skip


def _sourced(row: Mapping[str, Any], of: str, unit: str, column: str = "") -> Cell:
    """A figure of a city with its year, source and confidence below it."""
    value = number_of(row[column or of])
    if value is None:
        return Cell(t("cities_unknown"))
    said = fill(
        "cities_year_source",
        year=figure(row[f"{of}_year"]).replace(",", ""),
        source=text_of(row[f"{of}_source"]),
        confidence=text_of(row[f"{of}_confidence"]),
    )
    return Cell(figure(value, unit), (("", said),))


def _agreement(cities: Cities) -> Iterator[Text]:
    for row in rows_of(cities.agreement):
        if (value := number_of(row["spearman"])) is not None:
            yield fill(
                "cities_spearman",
                exponent=figure(row["exponent"]),
                value=f"{value:.2f}".replace("-", "−"),
                count=figure(row["cities"]),
            )


def pair_rows(cities: Cities) -> Iterator[dict[str, str | Text | None]]:
    """The pairs of cities as the page shows them, the strongest first."""
    called = names(cities.table, "city_id")
    for row in rows_of(cities.pairs):
        minutes, fastest = number_of(row["minutes"]), number_of(row["fastest_min"])
        said = [] if minutes is None else [fill("cities_minutes", minutes=figure(minutes))]
        if minutes is not None and fastest is not None and fastest < minutes:
            said.append(fill("cities_fastest", minutes=figure(fastest)))
        yield {
            "name": fill("way", start=called[row["from_city"]], end=called[row["to_city"]]),
            "distance": figure(round(row["distance_km"])),
            "strength": figure(row["strength"]),
            "range": f"{figure(row['strength_low'])} – {figure(row['strength_high'])}",
            "rail": joined(said) if said else t("cities_no_rail"),
            "stations": None if minutes is None else row_name(row, "stations"),
            "corridor": t(f"cities_{row['corridor']}"),
            "source": "" if minutes is None else f"{text_of(row['source'])} ({text_of(row['confidence'])}), {row['year']:.0f}",
        }  # fmt: skip


def _corridor_rows(site: Site, cities: Cities) -> Iterator[tuple[str, list[Cell]]]:
    """Scenario ids with what they change between the hubs of the two sides."""
    hubs = names(site.layers.places, "place_id")
    for row in rows_of(cities.corridors):
        if row["scenario_id"] == site.comparison.reference_id:
            yield row["scenario_id"], [Cell(_minutes(row["mean_min"])), *[Cell("–")] * 3]
            continue
        best = round(number_of(row["best_change_min"]) or 0.0)
        way = fill("way", start=hubs[row["best_from"]], end=hubs[row["best_to"]])
        shorter = fill("cities_of_ways", shorter=figure(row["shorter"]), ways=figure(row["ways"]))
        cells = [Cell(_minutes(row["mean_min"])), Cell(signed(row["change_min"], "min")), Cell(shorter)]
        cells.append(Cell(signed(best), (("", way),)) if best < 0 else Cell("–"))
        yield row["scenario_id"], cells


def _minutes(value: float) -> str:
    """Whole minutes; a dash where no way has a service."""
    return figure(round(value) if isfinite(value) else None)


def link_map(cities: Cities) -> Markup:
    """The cities with a line between each strongly linked pair."""
    rows = list(rows_of(cities.table))
    x_m, y_m = project_xy(cities.table["lon"].to_numpy(float), cities.table["lat"].to_numpy(float))
    places = [Point(x, y) for x, y in zip(x_m, y_m, strict=True)]
    seen = view(around(places, MARGIN_M), 0, 0, WIDTH, HEIGHT)
    at = {text_of(r["city_id"]): seen.at(p.x, p.y) for r, p in zip(rows, places, strict=True)}
    reach = {text_of(r["city_id"]): _reach(r) for r in rows}
    bar, taken = map_marks.scale_bar(seen, SCALE_KM)
    room = Room(seen.edges(), [taken])
    room.taken += [square(*spot, reach[i]) for i, spot in at.items()]
    discs = [Disc(*at[i], reach[i], "#ffffff", INK, 1.4) for i in at]
    called = [
        m for r in rows for m in written(room, row_name(r), None, at[r["city_id"]], reach[r["city_id"]] + 4)
    ]
    marks = [
        Box(*seen.box, palette.LAND),
        *_links(cities, at),
        *discs,
        *bar,
        *called,
        Box(*seen.box, "", EDGE, 1),
    ]
    return drawn(Drawing(t("cities_map"), t("cities_map_alt"), WIDTH, HEIGHT, marks))


def _reach(row: Mapping[str, Any]) -> float:
    return max(4.0, RADIUS_PX * sqrt(number_of(row["gdp_usd_bn"]) or 0.0))


def _links(cities: Cities, at: Mapping[str, Spot]) -> Iterator[Mark]:
    """Lines of the pairs, the strongest on top."""
    for row in rows_of(cities.pairs[::-1]):
        if row["strength"] >= LEAST_STRENGTH:
            weight = max(1.0, WIDEST_PX * sqrt(row["strength"] / 100))
            colour = palette.AXES[1] if row["corridor"] == "across" else palette.QUIET
            ends = [(at[row["from_city"]], at[row["to_city"]])]
            dash = DASH if number_of(row["minutes"]) is None else ""
            yield Path(ends, colour, weight, dash, opacity=0.65)
