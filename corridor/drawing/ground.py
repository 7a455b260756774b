"""The basemap of the figures, from the catalogue's coast and districts, in EPSG:4547."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely

from corridor.core.crs import WGS84, WORKING, project
from corridor.drawing.basemap import BaseGeometry, prepare
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.text import Text

DRAWN: tuple[Role, ...] = (
    "coastline", "districts", "designations", "green_corridors", "lines", "checkpoints", "alignments", "cells",
)  # fmt: skip
"""What the maps show, whose holders they name."""
AROUND_M = 60_000.0


@dataclass(frozen=True)
class Ground(BaseGeometry):
    """The basemap in metres (EPSG:4547), with the sea about it and the words that must be beside it.

    Attributes
    ----------
    sea
        All that is not land within 60 km of it.
    attributions
        Holders of the data drawn.
    date
        Day of the newest data of the study, YYYY-MM-DD.
    """

    sea: Any
    attributions: tuple[Text, ...]
    date: str

    @property
    def waters(self) -> list[tuple[Text, Any]]:
        """Seas and bays: name and point."""
        return [(water.name, _metres(shapely.Point(water.lon, water.lat))) for water in self.region.waters]


def ground(catalog: Catalog) -> Ground:
    """The basemap of a catalogue.

    Parameters
    ----------
    catalog
        The study's, for coast, districts and the holders of all layers that maps show.

    Returns
    -------
    Ground
        In EPSG:4547.
    """
    base = prepare(catalog.vector("coastline"), catalog.vector("districts"), catalog.region)
    return ground_of(base, catalog.attributions(DRAWN), max(entry.date for entry in catalog.entries))


def ground_of(base: BaseGeometry, attributions: tuple[Text, ...] = (), date: str = "") -> Ground:
    """A basemap in metres, with the sea about it.

    Parameters
    ----------
    base
        The basemap in EPSG:4326.
    attributions
        Holders of the data drawn.
    date
        Day of the data, YYYY-MM-DD.

    Returns
    -------
    Ground
        In EPSG:4547.
    """
    land = _metres(base.land)
    west, south, east, north = (float(v) for v in shapely.bounds(land))
    around = shapely.box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    return Ground(
        land=land,
        not_mapped=_metres(base.not_mapped),
        boundary=_metres(base.boundary),
        district_lines=_metres(base.district_lines),
        districts={i: (name, side, _metres(point)) for i, (name, side, point) in base.districts.items()},
        bounds=(west, south, east, north),
        sides={side: _metres(shape) for side, shape in base.sides.items()},
        region=base.region,
        sea=shapely.difference(around, land),
        attributions=attributions,
        date=date,
    )


def _metres(geometry: Any) -> Any:
    return project(geometry, WGS84, WORKING)
