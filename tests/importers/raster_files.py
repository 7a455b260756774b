"""Rasters of a few cells, written for a test, and their heads as read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine, from_origin

from corridor.importers.entry.files import LIMITS, Limits
from corridor.importers.entry.options import Options
from corridor.importers.rasters.head import Head, opened

HERE = (113.74, 22.13, 114.65, 22.87)


def write(path: Path, values: np.ndarray, transform: Affine, crs: str | None = "EPSG:4326", nodata: float | None = -1.0, **more: object) -> Path:  # fmt: skip
    path.parent.mkdir(exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype,
        crs=crs, transform=transform, nodata=nodata, **more,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return path


HERE_TOO = from_origin(114.10, 22.44, 0.001, 0.001)


def look(path: Path, limits: Limits = LIMITS, **said: object) -> Head:
    with opened(path, HERE, Options(**said), limits) as (_, head):  # type: ignore[arg-type]
        return head
