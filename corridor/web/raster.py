"""A grid of values as a picture over the map: warped to the map's own projection, classed, and written as PNG."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from corridor.core.crs import WGS84, WORKING, project_xy

WEB = 3857
"""Web Mercator, in which the map is drawn: a picture stretched in degrees would stand up to 60 m off here."""


@dataclass(frozen=True)
class Warp:
    """Which cell of a grid in EPSG:4547 each pixel of a picture in EPSG:3857 shows.

    ``shape`` and ``transform`` are those of the grid; pixels are ``finer`` times smaller than its cells, so that
    taking the nearest cell moves no edge by more than half a pixel.
    """

    shape: tuple[int, int]
    transform: Affine
    finer: float = 1.0

    @cached_property
    def _frame(self) -> tuple[float, float, float, float, int, int]:
        """West and north in EPSG:3857, pixel width and height, columns and rows."""
        rows, columns = self.shape
        edge = np.linspace(0, 1, 21)
        ring = [(edge, 0 * edge), (edge, 0 * edge + 1), (0 * edge, edge), (0 * edge + 1, edge)]
        east = np.concatenate([a for a, _ in ring]) * columns
        south = np.concatenate([b for _, b in ring]) * rows
        a, b, c, d, e, f = self.transform[:6]
        x, y = project_xy(a * east + b * south + c, d * east + e * south + f, WORKING, WEB)
        wide, high = round(columns * self.finer), round(rows * self.finer)
        return x.min(), y.max(), np.ptp(x) / wide, np.ptp(y) / high, wide, high

    @property
    def corners(self) -> list[list[float]]:
        """South-west and north-east corner as latitude and longitude."""
        west, north, dx, dy, wide, high = self._frame
        lon, lat = project_xy([west, west + dx * wide], [north - dy * high, north], WEB, WGS84)
        return [
            [round(float(lat[0]), 6), round(float(lon[0]), 6)],
            [round(float(lat[1]), 6), round(float(lon[1]), 6)],
        ]

    @cached_property
    def _cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        west, north, dx, dy, wide, high = self._frame
        x, y = np.meshgrid(west + dx * (np.arange(wide) + 0.5), north - dy * (np.arange(high) + 0.5))
        east, up = project_xy(x, y, WEB, WORKING)
        a, b, c, d, e, f = (~self.transform)[:6]
        column = np.floor(a * east + b * up + c).astype(np.int64)
        row = np.floor(d * east + e * up + f).astype(np.int64)
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        return np.clip(row, 0, self.shape[0] - 1), np.clip(column, 0, self.shape[1] - 1), inside

    def picture(self, classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A grid of class numbers as the picture shows it; 0 (see-through) outside the grid."""
        row, column, inside = self._cells
        return np.where(inside, classes[row, column], 0).astype(np.uint8)


def classed(values: NDArray[np.float64], breaks: Sequence[float]) -> NDArray[np.uint8]:
    """Class numbers: 0 where not finite, 1 below the first break, k + 1 from the k-th break on."""
    found = np.searchsorted(np.asarray(breaks), np.nan_to_num(values), side="right") + 1
    return np.where(np.isfinite(values), found, 0).astype(np.uint8)


def png(pixels: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """Class numbers as a PNG with a palette, as a data address; an empty colour is see-through."""
    height, width = pixels.shape
    rgb = b"".join(bytes.fromhex(colour.removeprefix("#") or "000000") for colour in colours)
    seen = bytes(255 if colour else 0 for colour in colours)
    rows = np.hstack(
        [np.zeros((height, 1), dtype=np.uint8), pixels]
    ).tobytes()  # each row starts with "no filter"
    parts = (
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        _chunk(b"PLTE", rgb),
        _chunk(b"tRNS", seen),
        _chunk(b"IDAT", zlib.compress(rows, 9)),
        _chunk(b"IEND", b""),
    )
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode("ascii")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
