"""A raster's head looked at before anything is read: driver, CRS, nodata, grid, and how much of it the study needs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from corridor.core.containment import raster_at
from corridor.core.crs import way_to_wgs84
from corridor.core.errors import CrsError, LayerError, Problems
from corridor.core.progress import tell
from corridor.importers.entry.files import LIMITS, MB, Limits, check_file, reading
from corridor.importers.entry.options import UNSTATED, Options

SUFFIXES = (".tif", ".tiff")
CUT = "cut it first: gdal_translate -projwin WEST NORTH EAST SOUTH in.tif out.tif"


Bounds = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass(frozen=True)
class Head:
    """What a raster says of itself, where it has said enough.

    Attributes
    ----------
    name
        File name.
    crs
        Its CRS, or the one the user states.
    nodata
        The value that means no data; the user's goes before the file's.
    window
        The whole cells over the study.
    """

    name: str
    crs: CRS
    nodata: float
    window: Window

    @property
    def to_wgs84(self) -> Transformer:
        """From the raster's system to WGS84 degrees, never by a rough offset."""
        return way_to_wgs84(self.crs, self.name)


@contextlib.contextmanager
def opened(
    path: Path,
    bounds_deg: Bounds,
    options: Options = UNSTATED,
    limits: Limits = LIMITS,
) -> Iterator[tuple[rasterio.DatasetReader, Head]]:
    """A GeoTIFF (a cloud-optimised one too) that can be used, and its head.

    Parameters
    ----------
    path
        The file.
    bounds_deg
        West, south, east, north of the study; only this part is read.
    options
        What the user says about it.
    limits
        How much it may bring.

    Raises
    ------
    LayerError
        With everything wrong with it at once.
    """
    if path.suffix.lower() not in SUFFIXES:
        what = f"has the ending {path.suffix!r}"
        raise LayerError.at(path.name, what, "a GeoTIFF (.tif)", "convert it with gdal_translate")
    check_file(path)
    with reading(path.name, "a whole GeoTIFF", faults=(RasterioError,)), raster_at(path) as raster:
        yield raster, _head(path.name, raster, bounds_deg, options, limits)


def _head(
    name: str,
    raster: rasterio.DatasetReader,
    bounds_deg: Bounds,
    options: Options,
    limits: Limits,
) -> Head:
    faults, system = Problems(), None
    stated = options.crs or (raster.crs.to_wkt() if raster.crs else "")
    try:
        system = CRS.from_user_input(stated) if stated else None
    except CRSError:
        where, what = ("--crs", repr(options.crs)) if options.crs else (name, "'its system'")
        faults.add(where, what, "a system PROJ knows", "for example EPSG:2326", CrsError)
    if not stated:
        remedy = "give it with --crs, e.g. EPSG:4326"
        faults.add(name, "states no coordinate system", "one", remedy, CrsError)
    value = raster.nodata if options.nodata is None else options.nodata
    if value is None:
        faults.add(name, "has no nodata value", "one", "give it with --nodata, e.g. --nodata -99999")
    if raster.count != 1:
        remedy = "take one out: gdal_translate -b 1 in.tif out.tif"
        faults.add(name, f"has {raster.count} bands", "one", remedy)
    t = raster.transform
    if t.b or t.d:
        faults.add(name, "is rotated", "north up", "straighten it: gdalwarp -t_srs EPSG:4326 in.tif out.tif")
    elif not (t.a > 0 and t.e < 0) or not np.isfinite([t.a, t.e, t.c, t.f]).all():
        what, expected = f"has cells of {t.a:g} x {t.e:g}", "north up, west to the left"
        faults.add(name, what, expected, "straighten it with gdalwarp")
    if raster.dtypes[0].startswith("complex"):
        faults.add(name, f"holds {raster.dtypes[0]}", "plain numbers", "export it again")
    rows, columns = raster.block_shapes[0]
    block = rows * columns * np.dtype(raster.dtypes[0]).itemsize if not faults else 0
    if block > limits.block_bytes:
        what = f"is stored in blocks of {columns:,} x {rows:,} cells ({block / MB:,.0f} MB)"
        expected = f"at most {limits.block_bytes / MB:,.0f} MB"
        faults.add(name, what, expected, "tile it: gdal_translate -co TILED=YES in.tif out.tif")
    faults.raise_all()
    assert system is not None and value is not None
    window = _window(name, raster, system, bounds_deg)
    _check_size(name, raster, window, limits)
    return Head(name, system, float(value), window)


def _window(name: str, raster: rasterio.DatasetReader, system: CRS, bounds_deg: Bounds) -> Window:
    """The cells over the study, whole ones."""
    there = way_to_wgs84(system, name, back=True)
    west, south, east, north = there.transform_bounds(*bounds_deg)
    t = raster.transform
    edges = np.array([(west - t.c) / t.a, (north - t.f) / t.e, (east - t.c) / t.a, (south - t.f) / t.e])
    if not np.isfinite(edges).all():
        edges = np.array([0.0, 0.0, 0.0, 0.0])
    size = (raster.width, raster.height, raster.width, raster.height)
    left, top, right, bottom = np.clip([*np.floor(edges[:2]), *np.ceil(edges[2:])], 0, size).astype(int)
    if right <= left or bottom <= top:
        shown = ", ".join(f"{v:.6g}" for v in raster.bounds)
        what = f"lies at ({shown}) in {system.name}, off the study"
        expected = "cells within lon {0:.2f} to {2:.2f}, lat {1:.2f} to {3:.2f}".format(*bounds_deg)
        raise CrsError.at(name, what, expected, "choose another file, or state the right CRS with --crs")
    return Window(int(left), int(top), int(right - left), int(bottom - top))


def _check_size(name: str, raster: rasterio.DatasetReader, window: Window, limits: Limits) -> None:
    cells = window.width * window.height
    memory = cells * (np.dtype(raster.dtypes[0]).itemsize + limits.cell_bytes) / MB
    size = f"{raster.width:,} x {raster.height:,} cells, {window.width:,} x {window.height:,} of them over the study"
    if cells > limits.cells:
        what = f"is too fine: {size} ({memory / 1000:,.1f} GB)"
        expected = f"at most {limits.cells / 1e6:,.0f} million cells over the study"
        raise LayerError.at(name, what, expected, f"make its cells larger with gdalwarp -tr, or {CUT}")
    if memory > limits.told_bytes / MB:
        tell(f"reading {name}: {size}; at most about {memory:,.0f} MB of memory")
