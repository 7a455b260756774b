"""Coordinate systems: files are WGS84, measures are taken in EPSG:4547 (CGCS2000 / 3-degree GK, 114 E).

Hong Kong 1980 Grid (EPSG:2326) always goes by way of EPSG:4326: asked for 2326 to 4547 directly, PROJ falls
back to a ballpark offset some 300 m off without a word.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from shapely import transform as shapely_transform

WGS84 = 4326
WORKING = 4547
HK80 = 2326


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(CRS.from_epsg(source), CRS.from_epsg(target), always_xy=True)


def project_xy(
    x: ArrayLike, y: ArrayLike, source: int = WGS84, target: int = WORKING
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates (easting or longitude, northing or latitude) from one EPSG code to another, by way of WGS84.

    Returns two float arrays of the shape of the input, in the units of the target (degrees or metres).
    """
    xa, ya = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if source != WGS84:
        xa, ya = _transformer(source, WGS84).transform(xa, ya)
    if target != WGS84:
        xa, ya = _transformer(WGS84, target).transform(xa, ya)
    return np.asarray(xa, dtype=float), np.asarray(ya, dtype=float)


def project(geometry: Any, source: int = WGS84, target: int = WORKING) -> Any:
    """A shapely geometry (or array of them) from one EPSG code to another, by way of WGS84."""

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(project_xy(xy[:, 0], xy[:, 1], source, target))

    return shapely_transform(geometry, move)
