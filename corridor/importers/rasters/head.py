"""A raster's head looked at before anything is read, and its values as they are meant: scaled, and where there are any.

The head: driver, CRS, nodata, masks, grid, and how much of it the study needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp, MaskFlags
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
        The value that means no data, as stored; the user's goes before the file's. None where the file has a mask alone.
    window
        The whole cells over the study.
    scale, offset
        What a stored number means: number x scale + offset.
    masked
        Whether the file has a mask, or a band of transparency, beside its values.
    """

    name: str
    crs: CRS
    nodata: float | None
    window: Window
    scale: float = 1.0
    offset: float = 0.0
    masked: bool = False

    @property
    def to_wgs84(self) -> Transformer:
        """From the raster's system to WGS84 degrees, never by a rough offset."""
        return way_to_wgs84(self.crs, self.name)

    @property
    def scaled(self) -> bool:
        """Whether stored numbers are not the values themselves."""
        return (self.scale, self.offset) != (1.0, 0.0)

    def notes(self) -> list[str]:
        """What of this a user should know, a sentence each."""
        said = []
        if self.scaled:
            said.append(f"stored numbers x {self.scale:g} + {self.offset:g} (the file's scale and offset)")
        if self.masked:
            said.append("cells that the file's mask hides are no data")
        return said


def read_band(
    raster: rasterio.DatasetReader, head: Head, window: Window
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The values of a window as they are meant, and which of them are known.

    A cell is unknown by the nodata value, by a mask or a band of transparency in the file, or as it is no number.

    Parameters
    ----------
    raster
        The file, open.
    head
        Its head.
    window
        Which cells.

    Returns
    -------
    tuple of numpy.ndarray
        (rows, columns) values after scale and offset, and booleans; rows as the file has them.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        stored = raster.read(1, window=window)
        values = stored.astype(np.float64)
        known = np.isfinite(values)
        if head.nodata is not None:
            # a nodata value of a float raster, cut to its precision
            known &= (values != head.nodata) & (values != float(np.float32(head.nodata)))
        if head.masked:
            # the file's own mask, whatever its nodata value says: 0 where it hides a cell
            alpha = _alpha(raster)
            known &= (
                raster.read(alpha, window=window) if alpha else raster.read_masks(1, window=window)
            ) != 0
        return values * head.scale + head.offset if head.scaled else values, known


def bounds_of(raster: rasterio.DatasetReader, window: Window) -> Bounds:
    """West, south, east, north of a window in the raster's system, whichever way its rows go."""
    west, south, east, north = raster.window_bounds(window)
    return west, min(south, north), east, max(south, north)


def _alpha(raster: rasterio.DatasetReader) -> int:
    """The number of the band of transparency after the first; 0 where there is none."""
    bands = [i for i, kind in enumerate(raster.colorinterp, 1) if kind == ColorInterp.alpha and i > 1]
    return bands[0] if bands else 0


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
    masked = bool(_alpha(raster)) or MaskFlags.per_dataset in raster.mask_flag_enums[0]
    if value is None and not masked:
        faults.add(name, "has no nodata value", "one", "give it with --nodata, e.g. --nodata -99999")
    if raster.count - bool(_alpha(raster)) != 1:
        remedy = "take one out: gdal_translate -b 1 in.tif out.tif"
        faults.add(name, f"has {raster.count} bands", "one", remedy)
    if Path(f"{raster.name}.msk").is_file():  # a mask in a file of its own would change what the raster says
        remedy = f"put it into the file: gdal_translate --config GDAL_TIFF_INTERNAL_MASK YES {name} out.tif"
        faults.add(name, f"has a mask beside it ({name}.msk)", "a mask inside the file", remedy)
    _check_grid(name, raster.transform, faults)
    scale, offset = raster.scales[0], raster.offsets[0]
    if not (np.isfinite([scale, offset]).all() and scale):
        what = f"has the scale {scale:g} and the offset {offset:g}"
        faults.add(name, what, "numbers, the scale not 0", "set them: gdal_edit -scale 1 -offset 0")
    if raster.dtypes[0].startswith("complex"):
        faults.add(name, f"holds {raster.dtypes[0]}", "plain numbers", "export it again")
    rows, columns = raster.block_shapes[0]
    block = rows * columns * np.dtype(raster.dtypes[0]).itemsize if not faults else 0
    if block > limits.block_bytes:
        what = f"is stored in blocks of {columns:,} x {rows:,} cells ({block / MB:,.0f} MB)"
        expected = f"at most {limits.block_bytes / MB:,.0f} MB"
        faults.add(name, what, expected, "tile it: gdal_translate -co TILED=YES in.tif out.tif")
    faults.raise_all()
    assert system is not None
    window = _window(name, raster, system, bounds_deg)
    _check_size(name, raster, window, limits)
    nodata = None if value is None else float(value)
    return Head(name, system, nodata, window, float(scale), float(offset), masked)


def _check_grid(name: str, t: rasterio.Affine, faults: Problems) -> None:
    """Rows may go north or south; a rotated grid, or one without a place, is none."""
    if t == rasterio.Affine.identity():
        remedy = "if a world file is beside it, put both into one: gdal_translate in.tif out.tif"
        faults.add(name, "has no place on the earth", "a GeoTIFF with its position", remedy)
    elif t.b or t.d:
        faults.add(name, "is rotated", "north up", "straighten it: gdalwarp -t_srs EPSG:4326 in.tif out.tif")
    elif not (t.a > 0 and t.e != 0) or not np.isfinite([t.a, t.e, t.c, t.f]).all():
        what, expected = f"has cells of {t.a:g} x {t.e:g}", "west to the left"
        faults.add(name, what, expected, "straighten it with gdalwarp")


def _window(name: str, raster: rasterio.DatasetReader, system: CRS, bounds_deg: Bounds) -> Window:
    """The cells over the study, whole ones."""
    there = way_to_wgs84(system, name, back=True)
    west, south, east, north = there.transform_bounds(*bounds_deg)
    t = raster.transform
    rows = sorted([(north - t.f) / t.e, (south - t.f) / t.e])  # south is the first row of some
    edges = np.array([(west - t.c) / t.a, rows[0], (east - t.c) / t.a, rows[1]])
    if not np.isfinite(edges).all():
        edges = np.array([0.0, 0.0, 0.0, 0.0])
    size = (raster.width, raster.height, raster.width, raster.height)
    left, top, right, bottom = np.clip([*np.floor(edges[:2]), *np.ceil(edges[2:])], 0, size).astype(int)
    if right <= left or bottom <= top:
        shown = ", ".join(f"{v:.6g}" for v in raster.bounds)
        what = f"is at ({shown}) in {system.name}, outside the study"
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
