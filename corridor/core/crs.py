"""Coordinate systems: files are WGS84, measures are taken in EPSG:4547 (CGCS2000 / 3-degree GK, 114 E).

Hong Kong 1980 Grid (EPSG:2326) always goes by way of EPSG:4326: asked for 2326 to 4547 directly, PROJ falls
back to a ballpark offset some 300 m off without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import CrsError

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS, Transformer

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
    from pyproj import CRS, Transformer

    return Transformer.from_crs(CRS.from_epsg(source), CRS.from_epsg(target), always_xy=True)


def transform_xy(
    way: Transformer, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates through a transformer, as two float arrays of the shape of the input.

    Parameters
    ----------
    way
        A transformer that takes x before y.
    x
        Eastings or longitudes, any shape.
    y
        Northings or latitudes, the same shape.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in the units of the target; infinite where the transformation has no answer.
    """
    xa, ya = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    # NumPy before 2.4 lets an array of one pass for a number, with a warning, and pyproj would give a number back
    xb, yb = way.transform(xa.item(), ya.item()) if xa.size == 1 else way.transform(xa, ya)
    return np.asarray(xb, dtype=float).reshape(xa.shape), np.asarray(yb, dtype=float).reshape(ya.shape)


def project_xy(
    x: ArrayLike, y: ArrayLike, source: int = WGS84, target: int = WORKING
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates from one EPSG code to another, by way of WGS84.

    Parameters
    ----------
    x
        Eastings (metres) or longitudes (degrees), any shape.
    y
        Northings or latitudes, the same shape.
    source
        EPSG code of the input.
    target
        EPSG code of the result.

    Returns
    -------
    tuple of numpy.ndarray
        x and y, of the shape of the input, in the units of the target.

    Examples
    --------
    >>> x, y = project_xy(114.0, 22.5)
    >>> round(float(x)), round(float(y))
    (500000, 2489167)
    """
    xa, ya = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if source != WGS84:
        xa, ya = transform_xy(_transformer(source, WGS84), xa, ya)
    if target != WGS84:
        xa, ya = transform_xy(_transformer(WGS84, target), xa, ya)
    return xa, ya


def frame_in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame in EPSG:4326 as one in EPSG:4547, also one without rows; the reverse of :func:`frame_in_wgs84`."""
    shapes = frame.geometry.to_numpy()
    return frame.set_geometry(project(shapes) if len(frame) else shapes, crs=WORKING)


def frame_in_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame in EPSG:4547 as one in EPSG:4326, also one without rows.

    Parameters
    ----------
    frame
        Any columns; geometry in EPSG:4547.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in EPSG:4326.
    """
    shapes = frame.geometry.to_numpy()
    return frame.set_geometry(project(shapes, WORKING, WGS84) if len(frame) else shapes, crs=WGS84)


def scale_error(lon: float, lat: float) -> float:
    """How much too long lengths are in EPSG:4547 at a position, as a share.

    Parameters
    ----------
    lon
        Degrees.
    lat
        Degrees.

    Returns
    -------
    float
        0.001 is 1 m in a kilometre. The projection keeps angles, so it is the same in all directions.

    Examples
    --------
    >>> round(scale_error(115.5, 22.0), 4)
    0.0003
    """
    from pyproj import Proj

    factors = Proj(WORKING).get_factors(lon, lat)
    return float(factors.meridional_scale) - 1.0


def project(geometry: Any, source: int = WGS84, target: int = WORKING) -> Any:
    """A shapely geometry (or array of them) from one EPSG code to another, by way of WGS84.

    Parameters
    ----------
    geometry
        A geometry, or an array of them.
    source
        EPSG code of the input.
    target
        EPSG code of the result.

    Returns
    -------
    shapely geometry or numpy.ndarray
        As the input, in the target system. New vertices are not added.
    """
    from shapely import transform as shapely_transform

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(project_xy(xy[:, 0], xy[:, 1], source, target))

    return shapely_transform(geometry, move)


WGS84_AXIS_M, WGS84_FLATTENING = 6_378_137.0, 298.257
"""Ellipsoid of WGS84, GRS80 and CGCS2000: half axis, and inverse flattening to the digits that they share."""


def known_system(crs: CRS) -> CRS:
    """The system by its EPSG code where the two are equivalent (a .prj file seldom states a code), else as it is.

    Names do not count, in either direction: PROJ finds "Hong Kong 1980 Grid" under any name, and a transverse Mercator of
    its own meridian, scale and origin is none of the register, whatever it is called.

    Parameters
    ----------
    crs
        A system as a file states it.

    Returns
    -------
    pyproj.CRS
        That of the EPSG register with the same parameters, which knows more operations.
    """
    from pyproj import CRS

    # the confidence of pyproj by default, 70, is the lowest for equal parameters; 25 is that of a mere likeness
    epsg = crs.to_epsg()
    return CRS.from_epsg(epsg) if epsg else crs


def as_wgs84(crs: CRS) -> bool:
    """Whether degrees of a system may be taken as those of WGS84 where PROJ states no operation.

    They may where the ellipsoid is that of WGS84: such datums are geocentric and agree to 2 m, CGCS2000 to decimetres.
    So a projection of its own counts with the datum "unknown" or "user defined" that programs write for it, as in
    ``to_crs`` of geopandas (assumption); one on the ellipsoid of Krassowsky does not, which may be 100 m off.

    Parameters
    ----------
    crs
        A system with or without a projection.
    """
    shape = crs.ellipsoid
    return (
        shape is not None
        and abs(shape.semi_major_metre - WGS84_AXIS_M) < 0.5
        and abs(shape.inverse_flattening - WGS84_FLATTENING) < 0.001
    )


def way_to_wgs84(crs: CRS, name: str, back: bool = False) -> Transformer:
    """The transformation from a system to WGS84 degrees, x before y.

    Parameters
    ----------
    crs
        The system of a file.
    name
        The file, for messages.
    back
        From WGS84 to the system instead.

    Returns
    -------
    pyproj.Transformer
        By a stated operation.

    Raises
    ------
    CrsError
        Where PROJ knows only a "ballpark", which can be hundreds of metres off.
    """
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    system = known_system(crs)
    ends = (CRS.from_epsg(4326), system) if back else (system, CRS.from_epsg(4326))
    try:
        return Transformer.from_crs(*ends, always_xy=True, allow_ballpark=False)
    except ProjError:
        if as_wgs84(system):
            return Transformer.from_crs(*ends, always_xy=True)
        what = f"is in {crs.name}, from which no exact way leads to WGS84"
        raise CrsError.at(name, what, "a known system", "give its code with --crs, e.g. EPSG:2326") from None


@dataclass(frozen=True)
class GridZone:
    """A zone of China's Gauss-Krueger grid, whose number may stand before the six digits of eastings.

    Attributes
    ----------
    number
        13 to 23 for zones of 6 degrees, 25 to 45 for those of 3 degrees.
    with_number, without
        EPSG codes on CGCS2000 for eastings with the number before them, and without.
    """

    number: int
    with_number: int
    without: int


def grid_zone(easting_m: float) -> GridZone | None:
    """The zone whose number an easting begins with; None where it has none.

    Examples
    --------
    >>> grid_zone(38_517_000.0)
    GridZone(number=38, with_number=4526, without=4547)
    >>> grid_zone(517_000.0) is None
    True
    """
    number, rest = divmod(easting_m, 1e6) if np.isfinite(easting_m) else (0.0, 0.0)
    if not 100_000 <= rest <= 900_000:
        return None
    zone = int(number)
    if 25 <= zone <= 45:
        return GridZone(zone, 4513 + zone - 25, 4534 + zone - 25)
    return GridZone(zone, 4491 + zone - 13, 4502 + zone - 13) if 13 <= zone <= 23 else None


def check_zone(crs: CRS, easting_m: float, name: str) -> None:
    """Refuse eastings whose zone number the system does not have, or that lack the one that it has.

    Parameters
    ----------
    crs
        The system that they are to be read in.
    easting_m
        One of them, such as their median.
    name
        The file, for messages.

    Raises
    ------
    CrsError
        With the code of the system that fits.
    """
    step = crs.coordinate_operation
    false_m = next((float(p.value) for p in step.params if p.name == "False easting"), None) if step else None
    if false_m is None or not np.isfinite(easting_m):
        return
    stated, own = grid_zone(false_m), grid_zone(easting_m)
    if own and not stated and false_m <= 500_000:
        what = (
            f"has eastings such as {easting_m:,.0f}, which begin with the zone {own.number} of China's grid"
        )
        remedy = (
            f"give --crs EPSG:{own.with_number} if they are in CGCS2000, or take {own.number},000,000 off"
        )
        raise CrsError.at(name, what, f"eastings of {crs.name}, which has no number before them", remedy)
    if stated and not own and 100_000 <= easting_m <= 900_000:
        what = f"has eastings such as {easting_m:,.0f}, without the number of the zone"
        remedy = f"give --crs EPSG:{stated.without} if they are in CGCS2000, or add {stated.number},000,000"
        raise CrsError.at(name, what, f"eastings of {crs.name}, which begin with {stated.number}", remedy)
