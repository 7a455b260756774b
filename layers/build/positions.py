"""Distances between positions given as longitude and latitude; all are measured in EPSG:4547."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corridor.core.crs import project_xy

LonLat = tuple[float, float]


def xy(at: LonLat) -> NDArray[np.float64]:
    """Easting and northing in metres (EPSG:4547)."""
    x, y = project_xy(*at)
    return np.array([float(x), float(y)])


def metres(a: LonLat, b: LonLat) -> float:
    """Straight-line metres between two positions."""
    return float(np.hypot(*(xy(a) - xy(b))))
