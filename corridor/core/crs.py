"""Coordinate systems: files are WGS84, measures are taken in EPSG:4547 (CGCS2000 / 3-degree GK, 114 E).

Hong Kong 1980 Grid (EPSG:2326) always goes by way of EPSG:4326: asked for 2326 to 4547 directly, PROJ falls
back to a ballpark offset some 300 m off without a word.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import ProjError
from shapely import transform as shapely_transform

from corridor.core.errors import CrsError

WGS84 = 4326
WORKING = 4547
HK80 = 2326
LARGEST_SCALE_ERROR = 0.002
"""How far from true lengths in EPSG:4547 may be in a study: 2 m in a kilometre, 0.4 per cent of an area.

On the transverse Mercator the error grows as (distance from 114 E)^2 / (2 R^2): 0.03 per cent 1.5 degrees off at 22 N,
0.12 per cent 3 degrees off, 0.2 per cent 403 km or 3.9 degrees off.
"""


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(CRS.from_epsg(source), CRS.from_epsg(target), always_xy=True)


def transform_xy(
    way: Transformer, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates through a transformer, as two float arrays of the shape of the input."""
    xa, ya = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    # NumPy before 2.4 lets an array of one pass for a number, with a warning, and pyproj would give a number back
    xb, yb = way.transform(xa.item(), ya.item()) if xa.size == 1 else way.transform(xa, ya)
    return np.asarray(xb, dtype=float).reshape(xa.shape), np.asarray(yb, dtype=float).reshape(ya.shape)


def project_xy(
    x: ArrayLike, y: ArrayLike, source: int = WGS84, target: int = WORKING
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates (easting or longitude, northing or latitude) from one EPSG code to another, by way of WGS84.

    Returns two float arrays of the shape of the input, in the units of the target (degrees or metres).
    """
    xa, ya = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if source != WGS84:
        xa, ya = transform_xy(_transformer(source, WGS84), xa, ya)
    if target != WGS84:
        xa, ya = transform_xy(_transformer(WGS84, target), xa, ya)
    return xa, ya


def frame_in_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame in EPSG:4547 as one in EPSG:4326, also one without rows."""
    shapes = frame.geometry.to_numpy()
    return frame.set_geometry(project(shapes, WORKING, WGS84) if len(frame) else shapes, crs=WGS84)


def scale_error(lon: float, lat: float) -> float:
    """How much too long lengths are in EPSG:4547 at a position, as a share; the projection keeps angles, so in all directions."""
    factors = Proj(WORKING).get_factors(lon, lat)
    return float(factors.meridional_scale) - 1.0


def project(geometry: Any, source: int = WGS84, target: int = WORKING) -> Any:
    """A shapely geometry (or array of them) from one EPSG code to another, by way of WGS84."""

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(project_xy(xy[:, 0], xy[:, 1], source, target))

    return shapely_transform(geometry, move)


SAME_AS_WGS84 = (4326, 4490)
"""Geographic systems taken as WGS84: CGCS2000 agrees with it to decimetres, for which PROJ states no operation."""


def known_system(crs: CRS) -> CRS:
    """The system by its EPSG code where one can be told (a .prj file seldom states it), else as it is."""
    epsg = crs.to_epsg(25)
    return CRS.from_epsg(epsg) if epsg else crs


def way_to_wgs84(crs: CRS, name: str, back: bool = False) -> Transformer:
    """The transformation from a system to WGS84 degrees (`back`: from there), x before y.

    Raises :class:`CrsError` where PROJ knows only a "ballpark", which can be hundreds of metres off.
    """
    system = known_system(crs)
    ends = (CRS.from_epsg(4326), system) if back else (system, CRS.from_epsg(4326))
    base = system.geodetic_crs
    same = base is not None and known_system(base).to_epsg() in SAME_AS_WGS84
    try:
        return Transformer.from_crs(*ends, always_xy=True, allow_ballpark=same)
    except ProjError:
        what = f"is in {crs.name}, from which no exact way leads to WGS84"
        raise CrsError.at(name, what, "a known system", "give its code with --crs, e.g. EPSG:2326") from None
