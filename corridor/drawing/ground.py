"""The basemap of the figures, from the catalogue's coast and districts, in EPSG:4547."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from corridor.core.crs import WGS84, WORKING, project
from corridor.drawing.basemap import prepare
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
    land = _metres(base.land)
    west, south, east, north = shapely.bounds(land)
    around = shapely.box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    points = project([inside for *_, inside in base.districts], WGS84, WORKING)
    waters = project([shapely.Point(w.lon, w.lat) for w in catalog.region.waters], WGS84, WORKING)
    return Ground(
        land=land,
        sea=shapely.difference(around, land),
        not_mapped=_metres(base.not_mapped),
        boundary=_metres(base.boundary),
        district_lines=_metres(base.district_lines),
        districts={
            district_id: (name, region, (point.x, point.y))
            for (district_id, name, region, _), point in zip(base.districts, points, strict=True)
        },
        sides={region: _metres(shape) for region, shape in base.sides.items()},
        waters=tuple(
            (water.name, (point.x, point.y))
            for water, point in zip(catalog.region.waters, waters, strict=True)
        ),
        region=catalog.region,
        attributions=catalog.attributions(DRAWN),
        date=max(entry.date for entry in catalog.entries),
    )


def _metres(geometry: Any) -> Any:
    return project(geometry, WGS84, WORKING)
