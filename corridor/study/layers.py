"""Layers of a catalogue as records to compute with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from corridor.core.containment import raster_at
from corridor.core.crs import frame_in_metres
from corridor.network.bus import BusNetwork
from corridor.network.walk import Ground
from corridor.schema.catalog import Catalog

if TYPE_CHECKING:
    from corridor.ecology.land.land import Land


def read_open_ground(catalog: Catalog) -> Ground:
    """Read the land that people can walk over.

    Parameters
    ----------
    catalog
        Needs a coastline; slopes count where it has a layer of terrain.
    """
    ground = Ground.from_coastline(catalog.vector("coastline"), sides=catalog.region.sides)
    return ground.with_heights(catalog.raster_path("terrain")) if catalog.having("terrain") else ground


def with_streets(catalog: Catalog, open_ground: Ground) -> Ground:
    """Where people can walk: over land, or by the streets of the catalogue's walking graph if it has one."""
    if not catalog.having("walk_graph"):
        return open_ground
    from corridor.network.street_ground import StreetGround
    from corridor.network.streets import StreetGraph

    return StreetGround.of(open_ground, StreetGraph.load(catalog.path(catalog.one("walk_graph"))))


def read_buses(catalog: Catalog) -> BusNetwork | None:
    """Local buses of the side that has tables of them; None without."""
    if not catalog.having("bus_patterns"):
        return None
    return BusNetwork.from_tables(catalog.table("bus_stops"), catalog.table("bus_patterns"))


def read_land(catalog: Catalog) -> Land:
    """Read habitat, designations, green corridors, wildlife sites and streams.

    Parameters
    ----------
    catalog
        What is missing is empty; without a raster of habitat, none of the land is assessed.

    Returns
    -------
    Land
        Vector layers in EPSG:4547; the habitat raster stays in its own system.
    """
    from corridor.ecology.land.land import Land

    habitat, transform, nodata = _habitat(catalog)
    return Land(
        habitat,
        transform,
        catalog.table_if_any("habitat_classes"),
        frame_in_metres(catalog.vector_if_any("designations")),
        frame_in_metres(catalog.vector_if_any("green_corridors")),
        frame_in_metres(catalog.vector_if_any("wildlife_sites")),
        nodata=nodata,
        streams=frame_in_metres(catalog.vector("streams")) if catalog.having("streams") else None,
    )


def _habitat(catalog: Catalog) -> tuple[NDArray[np.uint8], Affine, int]:
    """The raster of habitat, its place and its nodata value; one cell that is not assessed where there is no layer."""
    if not catalog.having("habitat"):
        west, _, _, north = catalog.region.extent_deg
        return np.zeros((1, 1), dtype=np.uint8), Affine(1e-4, 0, west, 0, -1e-4, north), 0
    with raster_at(catalog.raster_path("habitat")) as raster:
        return raster.read(1), raster.transform, int(raster.nodata)
