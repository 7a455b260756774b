"""A grid of values as a picture over the map: warped to the map's own projection, classed, and written as PNG."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds
from rasterio.warp import reproject, transform_bounds

from corridor.core.crs import WGS84, WORKING

WEB = 3857
"""Web Mercator, in which the map is drawn: a picture stretched in degrees would be up to 60 m off here."""


@dataclass(frozen=True)
class Warp:
    """A grid in EPSG:4547 as a picture in EPSG:3857.

    ``shape`` and ``transform`` are those of the grid; pixels are ``finer`` times smaller than its cells, so that
    taking the nearest cell moves no edge by more than half a pixel.
    """

    shape: tuple[int, int]
    transform: Affine
    finer: float = 1.0

    @property
    def _bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857."""
        bounds = array_bounds(*self.shape, self.transform)
        return tuple(transform_bounds(WORKING, WEB, *bounds))

    @property
    def corners(self) -> list[list[float]]:
        """South-west and north-east corner as latitude and longitude."""
        west, south, east, north = transform_bounds(WEB, WGS84, *self._bounds)
        return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]

    def picture(self, classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A grid of class numbers as the picture shows it.

        Parameters
        ----------
        classes
            (rows, columns) class numbers on the grid.

        Returns
        -------
        numpy.ndarray
            (rows, columns) pixels in EPSG:3857; 0 (see-through) outside the grid.
        """
        high, wide = (round(size * self.finer) for size in self.shape)
        west, south, east, north = self._bounds
        onto = Affine((east - west) / wide, 0, west, 0, (south - north) / high, north)
        pixels = np.zeros((high, wide), dtype=np.uint8)
        reproject(
            classes, pixels, src_transform=self.transform, src_crs=WORKING, dst_transform=onto, dst_crs=WEB,
            resampling=Resampling.nearest, tolerance=0,
        )  # fmt: skip
        return pixels


def classed(values: NDArray[np.float64], breaks: Sequence[float]) -> NDArray[np.uint8]:
    """Class numbers of values.

    Parameters
    ----------
    values
        Values of any shape.
    breaks
        Limits of classes in rising order.

    Returns
    -------
    numpy.ndarray
        The same shape: 0 where not finite, 1 below the first break, k + 1 from the k-th break on.
    """
    found = np.searchsorted(np.asarray(breaks), np.nan_to_num(values), side="right") + 1
    return np.where(np.isfinite(values), found, 0).astype(np.uint8)


def png(pixels: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """Class numbers as a PNG with a palette.

    Parameters
    ----------
    pixels
        (rows, columns) class numbers.
    colours
        ``#rrggbb`` of each class from 0; an empty one is see-through.

    Returns
    -------
    str
        A data address.
    """
    high, wide = pixels.shape
    seen = {i: tuple(bytes.fromhex(f"{c[1:]}ff" if c else "00000000")) for i, c in enumerate(colours)}
    upright = Affine(1, 0, 0, 0, -1, high)  # a file without a transform would be warned of
    size = {"width": wide, "height": high, "count": 1, "dtype": "uint8", "transform": upright}
    with MemoryFile() as memory:
        with memory.open(driver="PNG", zlevel=9, **size) as file:
            file.write(pixels, 1)
            file.write_colormap(1, seen)
        return "data:image/png;base64," + base64.b64encode(memory.read()).decode("ascii")
