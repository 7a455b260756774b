"""A layer's file held against its catalogue entry: columns, coordinate system, geometry, extent, size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from corridor.core.csv_tables import Where
from corridor.core.errors import CrsError, GeometryError, MissingColumnError, Problems
from corridor.schema.catalog_entry import CatalogEntry
from corridor.schema.region import Extent
from corridor.schema.tables import Table
from corridor.schema.yaml_source import NO_LETTER

if TYPE_CHECKING:
    import geopandas as gpd
    import rasterio
    from pyproj import CRS

RASTER_BYTES = 500_000_000
"""Of a study's raster when it is unpacked: it is read whole."""


def feature_of(path: str) -> Where:
    """Names the place of a feature of a file."""
    return lambda row: f"{path} feature {row + 1}"


def check_columns(entry: CatalogEntry, declared: Table, columns: Iterable[str]) -> Problems:
    """The columns an entry's role needs and its file lacks, and headings that are no text.

    Parameters
    ----------
    entry
        The entry of the layer.
    declared
        What its role declares.
    columns
        The headings of its file.
    """
    have, faults, path = set(map(str, columns)), Problems(), entry.path
    for name in sorted(filter(NO_LETTER.search, have)):
        faults.add(path, f"the heading {name!r} holds a sign", "letters that can be printed", "rename it")
    expected = f"columns {', '.join(declared.required)}"
    remedy = f"add it (there are: {', '.join(sorted(have)[:12])})"
    for name in declared.required:
        if name not in have:
            faults.add(path, f"column {name!r} is missing", expected, remedy, MissingColumnError)
    return faults


def check_geometry(entry: CatalogEntry, frame: gpd.GeoDataFrame, extent: Extent) -> Problems:
    """Problems of a vector layer: no CRS or another one, no features; geometries that are empty, invalid or outside.

    Parameters
    ----------
    entry
        The entry of the layer.
    frame
        Its features, in the system of its file.
    extent
        West, south, east, north of the region in degrees.
    """
    import geopandas as gpd
    from pyproj import CRS

    faults, path, crs = Problems(), entry.path, entry.crs
    if frame.empty:
        faults.add(path, "has no features", "at least one", "fill it or remove the entry", GeometryError)
    elif not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        faults.add(path, "has no geometry or no CRS", crs, "state it in the file", CrsError)
    elif not _is(crs, CRS(frame.crs)):
        faults.add(path, f"is in {_name(frame.crs)}", crs, "convert it or correct the entry", CrsError)
    else:
        _check_shapes(path, frame, extent, faults)
    return faults


def _check_shapes(path: str, frame: gpd.GeoDataFrame, extent: Extent, faults: Problems) -> None:
    where, shapes = feature_of(path), frame.geometry
    nothing = (shapes.isna() | shapes.is_empty).to_numpy()
    for row in np.flatnonzero(nothing).tolist():
        faults.add(where(row), "has no geometry", "a geometry", "draw or remove it", GeometryError)
    remedy = "mend it (shapely.make_valid)"
    for row in np.flatnonzero(~shapes.is_valid.to_numpy() & ~nothing).tolist():
        faults.add(where(row), "is invalid", "a valid geometry", remedy, GeometryError)
    if frame.crs.is_geographic:
        for i, bounds in enumerate(shapes.bounds.to_numpy().tolist()):
            if not nothing[i]:
                _check_extent(where(i), bounds, extent, faults)


def check_raster(entry: CatalogEntry, raster: rasterio.DatasetReader, extent: Extent) -> Problems:
    """Problems of a raster's head: no CRS or another one, no nodata value, too large, outside.

    Parameters
    ----------
    entry
        The entry of the layer.
    raster
        Its file, open.
    extent
        West, south, east, north of the region in degrees.
    """
    from pyproj import CRS
    from rasterio.warp import transform_bounds

    faults, path = Problems(), entry.path
    size = raster.width * raster.height * sum(np.dtype(t).itemsize for t in raster.dtypes)
    if size > RASTER_BYTES:
        faults.add(
            path,
            f"holds {raster.width:,} x {raster.height:,} cells ({size / 1e6:,.0f} MB)",
            f"at most {RASTER_BYTES / 1e6:,.0f} MB",
            "cut it to the study's area, or make its cells larger with gdalwarp -tr",
        )
        return faults
    if raster.nodata is None:
        faults.add(path, "has no nodata value", "one", "set it with gdal_edit -a_nodata")
    crs = CRS.from_wkt(raster.crs.to_wkt()) if raster.crs else None
    if crs is None:
        faults.add(path, "has no CRS", entry.crs, "set it, e.g. with gdal_edit -a_srs", CrsError)
    elif not _is(entry.crs, crs):
        remedy = "convert it, e.g. with gdalwarp, or correct the entry"
        faults.add(path, f"is in {_name(crs)}", entry.crs, remedy, CrsError)
    else:
        bounds = transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
        _check_extent(path, bounds, extent, faults)
    return faults


def _is(stated: str, found: CRS) -> bool:
    from pyproj import CRS

    return bool(CRS(stated).equals(found, ignore_axis_order=True))


def _name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _check_extent(where: str, bounds: Iterable[float], extent: Extent, faults: Problems) -> None:
    """Note bounds (degrees) that are not inside the extent of the region."""
    (left, low, right, top), (west, south, east, north) = bounds, extent

    def inside(left: float, low: float, right: float, top: float) -> bool:
        return west <= left and south <= low and right <= east and top <= north

    if not inside(left, low, right, top):
        swapped = inside(low, left, top, right)
        faults.add(
            where,
            f"lies at ({', '.join(f'{b:.10g}' for b in (left, low, right, top))})",
            f"degrees, lon {west:g} to {east:g}, lat {south:g} to {north:g}",
            "swap lon and lat" if swapped else "correct the coordinates, or state the right CRS",
            CrsError,
        )
