"""The basemap of the figures, from the catalogue's coast and districts, in EPSG:4547."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from corridor.core.crs import WGS84, WORKING, project
from corridor.drawing.basemap import BaseGeometry, prepare
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.region import Region
from corridor.schema.text import Text

DRAWN: tuple[Role, ...] = (
    "coastline", "districts", "designations", "green_corridors", "lines", "checkpoints", "alignments", "cells",
)  # fmt: skip
"""What the maps show, whose holders they name."""
AROUND_M = 60_000.0


@dataclass(frozen=True)
class Ground:
    """What lies under every map, EPSG:4547, and the words that must stand beside it."""

    land: Any
    sea: Any
    not_mapped: Any
    boundary: Any
    district_lines: Any
    districts: Mapping[str, tuple[Text, str, tuple[float, float]]]
    """By id: name, region and a point inside."""
    sides: Mapping[str, Any]
    waters: tuple[tuple[Text, tuple[float, float]], ...]
    attributions: tuple[Text, ...]
    date: str
    region: Region

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the land."""
        west, south, east, north = (float(v) for v in shapely.bounds(self.land))
        return west, south, east, north


def ground(catalog: Catalog) -> Ground:
    """The basemap of a catalogue."""
    base = prepare(catalog.vector("coastline"), catalog.vector("districts"), catalog.region)
    return ground_of(base, catalog.attributions(DRAWN), max(entry.date for entry in catalog.entries))


def ground_of(base: BaseGeometry, attributions: tuple[Text, ...] = (), date: str = "") -> Ground:
    """A basemap in metres, with the sea about it."""
    land, region = _metres(base.land), base.region
    west, south, east, north = shapely.bounds(land)
    around = shapely.box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    inside = [_metres(point) for *_, point in base.districts]
    waters = [_metres(shapely.Point(water.lon, water.lat)) for water in region.waters]
    return Ground(
        land=land,
        sea=shapely.difference(around, land),
        not_mapped=_metres(base.not_mapped),
        boundary=_metres(base.boundary),
        district_lines=_metres(base.district_lines),
        districts={
            district_id: (name, side, (point.x, point.y))
            for (district_id, name, side, _), point in zip(base.districts, inside, strict=True)
        },
        sides={side: _metres(shape) for side, shape in base.sides.items()},
        waters=tuple((w.name, (point.x, point.y)) for w, point in zip(region.waters, waters, strict=True)),
        region=region,
        attributions=attributions,
        date=date,
    )


def _metres(geometry: Any) -> Any:
    return project(geometry, WGS84, WORKING)
