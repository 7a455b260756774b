"""Our own vector basemap: land, boundary, districts, simplified in metres and without a tile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.core.crs import WGS84, WORKING, project
from corridor.schema.region import Region, shipped_region
from corridor.schema.rows import row_name, rows_of, text_of
from corridor.schema.text import Text

TOLERANCE_M = 45.0
LEAST_AREA_M2 = 30_000.0
RIVER_M = 400.0
RIVER_STEP_M = 60.0
ENVELOPE_STEP = 0.004
MARGIN = 1.5


@dataclass(frozen=True)
class BaseGeometry:
    """What the basemap draws, EPSG:4326.

    Attributes
    ----------
    land
        Land of both sides, simplified; islands under 3 ha are left out.
    not_mapped
        Ground north of the mapped land, neither known nor sea.
    boundary
        The river and land section of the boundary, indicative; see :func:`river`.
    district_lines
        Borders between neighbouring districts, without the coast.
    bounds
        West, south, east, north of the land, degrees.
    region
        The two sides and the names of waters.
    """

    land: Any
    not_mapped: Any
    boundary: Any
    district_lines: Any
    districts: Mapping[str, tuple[Text, str, Any]]
    """By id: name, region and a point inside."""
    bounds: tuple[float, float, float, float]
    sides: Mapping[str, Any]
    """Land by region, as drawn."""
    region: Region


def prepare(
    coastline: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, region: Region | None = None
) -> BaseGeometry:
    """Simplify land, boundary and districts for the screen.

    Parameters
    ----------
    coastline
        Land of both sides, EPSG:4326, with a column ``region``.
    districts
        EPSG:4326, with district_id, names and region.
    region
        The two sides and the names of waters; those of the shipped layers by default.

    Returns
    -------
    BaseGeometry
        EPSG:4326.
    """
    region = region or shipped_region()
    shores = {
        side: shapely.union_all(project(rows.geometry.to_numpy(), WGS84, WORKING))
        for side, rows in coastline.groupby("region", sort=True)
    }
    land = _simple_land(shapely.union_all(list(shores.values())))
    back = _to_degrees(land)
    west, south, east, north = (float(v) for v in shapely.bounds(back))
    return BaseGeometry(
        land=back,
        not_mapped=_beyond(coastline, back, region.north.id),
        boundary=_to_degrees(river(*(shores.get(side) for side in region.sides))),
        district_lines=_to_degrees(_district_lines(districts)),
        districts=dict(_named_districts(districts)),
        bounds=(west, south, east, north),
        sides={side: _to_degrees(shapely.simplify(shore, TOLERANCE_M)) for side, shore in shores.items()},
        region=region,
    )


def _to_degrees(geometry: Any) -> Any:
    return project(geometry, WORKING, WGS84)


@lru_cache(maxsize=8192)  # scenarios share most shapes, and so do the pages of a run
def simplified(geometry: Any, tolerance_m: float) -> Any:
    """A geometry simplified by a distance in metres; never to nothing.

    Parameters
    ----------
    geometry
        A geometry in EPSG:4326, or None.
    tolerance_m
        The most that a line may move, in EPSG:4547 metres.

    Returns
    -------
    shapely.Geometry or None
        In EPSG:4326; a point, an empty geometry and None as they are.
    """
    if geometry is None or geometry.is_empty or geometry.geom_type == "Point":
        return geometry
    return _to_degrees(shapely.simplify(project(geometry), tolerance_m, preserve_topology=True))


def singles(geometry: Any) -> list[Any]:
    """Points, lines and polygons of one or more geometries, those of collections too; empty ones are left out."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [p for p in shapely.get_parts(parts) if not p.is_empty]


def one_sided(zones: gpd.GeoDataFrame, sides: Mapping[str, Any], digits: int) -> NDArray[Any]:
    """Shapes of zones, each on its own side of the boundary.

    Where two sides share a square, each takes its own land of it; two full squares would hide one another on the map.

    Parameters
    ----------
    zones
        With a column ``region``, without which nothing is cut.
    sides
        Land by region, in the CRS of the zones.
    digits
        Decimals to which the corners of two squares must agree to be one square, in units of the CRS.

    Returns
    -------
    numpy.ndarray
        (zones,) geometries. A zone without land of its own keeps the whole square.
    """
    shapes = np.array(zones.geometry.to_numpy())
    if "region" in zones.columns:
        for at in np.flatnonzero(zones.geometry.bounds.round(digits).duplicated(keep=False)):
            own = sides.get(text_of(zones["region"].iloc[at]))
            if own is not None and not (part := shapely.intersection(shapes[at], own)).is_empty:
                shapes[at] = part
    return shapes


def _simple_land(land: Any) -> Any:
    parts = [p for p in shapely.get_parts([land]) if p.area >= LEAST_AREA_M2]
    return shapely.multipolygons(shapely.coverage_simplify(np.array(parts), TOLERANCE_M)) if parts else land


def river(south: Any, north: Any) -> Any:
    """The middle between the two shores where they face each other within RIVER_M, EPSG:4547.

    The river and land section of the boundary, indicative; nothing where a side is missing.
    """
    if south is None or north is None:
        return shapely.MultiLineString([])
    shapely.prepare(north)
    rings = shapely.get_exterior_ring(shapely.get_parts([south]))
    runs = [run for ring in rings for run in _facing(ring, north)]
    return shapely.simplify(shapely.MultiLineString(runs), TOLERANCE_M / 2)


def _facing(ring: Any, other: Any) -> Iterator[Any]:
    if not shapely.dwithin(other, ring, RIVER_M):  # what is prepared goes first
        return
    corners = shapely.get_coordinates(shapely.segmentize(ring, RIVER_STEP_M))[:-1]
    near = shapely.dwithin(other, shapely.points(corners), RIVER_M)
    # the ring is turned to begin off the other shore, so that no stretch along it is cut where the ring happens to begin
    turn = int(np.argmin(near))
    corners, near = np.roll(corners, -turn, axis=0), np.roll(near, -turn)
    for run in np.split(np.arange(len(near)), np.flatnonzero(np.diff(near)) + 1):
        if near[run[0]] and len(run) > 2:
            across = shapely.shortest_line(shapely.points(corners[run]), other)
            middle = shapely.get_coordinates(across).reshape(-1, 2, 2).mean(axis=1)
            yield shapely.linestrings(middle)


def _beyond(coastline: gpd.GeoDataFrame, land: Any, north_side: str) -> Any:
    """Ground north of the mapped land, which is neither known nor sea, EPSG:4326.

    All above the northern edge of the north side, and every pocket from which no way leads south over water.
    """
    whole = shapely.union_all(coastline.loc[coastline["region"] == north_side].geometry.to_numpy())
    if whole.is_empty:
        return whole
    west, south, east, north = shapely.bounds(land)
    around = shapely.box(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
    roof = _above_north_edge(whole, north + MARGIN)
    pieces = shapely.get_parts(shapely.difference(around, shapely.union(land, roof)))
    closed = [p for p in pieces if shapely.bounds(p)[1] > south - MARGIN / 2]
    return shapely.union_all([roof, *(shapely.buffer(p, ENVELOPE_STEP / 8) for p in closed)])


def _above_north_edge(land: Any, roof: float) -> Any:
    """The area north of the northernmost land of each meridian, widening to both sides."""
    west, _, east, _ = shapely.bounds(land)
    corners = shapely.get_coordinates(shapely.segmentize(land, ENVELOPE_STEP / 2))
    column = ((corners[:, 0] - west) / ENVELOPE_STEP).astype(int)
    top = np.full(column.max() + 1, -np.inf)
    np.maximum.at(top, column, corners[:, 1])
    known = np.isfinite(top)
    x = west + (np.flatnonzero(known) + 0.5) * ENVELOPE_STEP
    edge = np.column_stack([x, top[known] - ENVELOPE_STEP])
    sides = [(east + MARGIN, edge[-1][1] + MARGIN / 4), (east + MARGIN, roof), (edge[0][0] - MARGIN, roof)]
    return shapely.make_valid(shapely.simplify(shapely.polygons([*edge, *sides]), ENVELOPE_STEP / 8))


def _district_lines(districts: gpd.GeoDataFrame) -> Any:
    """Borders between neighbouring districts, EPSG:4547; their coast is left to the coastline."""
    shapes = project(districts.geometry.to_numpy())
    shapes = shapely.coverage_simplify(shapes, TOLERANCE_M)
    shared = [shapely.intersection(a, b) for a, b in combinations(shapes, 2) if shapely.intersects(a, b)]
    lines = [part for part in singles(shared) if part.geom_type == "LineString"]
    return shapely.line_merge(shapely.MultiLineString(lines)) if lines else shapely.MultiLineString([])


def _named_districts(districts: gpd.GeoDataFrame) -> Iterator[tuple[str, tuple[Text, str, Any]]]:
    for row in rows_of(districts):
        largest = max(shapely.get_parts([row["geometry"]]), key=shapely.area)
        inside = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=0.002), 0)
        yield text_of(row["district_id"]), (row_name(row), text_of(row["region"]), inside)
