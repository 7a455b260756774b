"""Walking and feeders without a street network: straight lines with a detour, that never cross water or the boundary.

The ground is a grid of land cells of each side of the boundary. Where the straight line is free it counts;
where water lies between, the shortest way over land of the same side does; where there is none, nobody walks.
Where heights are given, metres are those of level ground that take as long: see :mod:`corridor.network.terrain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from corridor.core.arrays import F32, F64, I16, I32, U8
from corridor.core.crs import project
from corridor.core.csr import row_starts
from corridor.core.in_memory import kept
from corridor.network.terrain import climb_costs, coarse_heights, heights_at
from corridor.network.walk_kernels import all_rows
from corridor.schema.region import Sides, shipped_sides

if TYPE_CHECKING:
    import geopandas as gpd

CELL_M = 125.0
LANDINGS_KEPT = 8
"""Sets of targets, some 2 MB each."""
ON_EDGE_M = 1.0
"""A place on the edge of a grid cell stays in it when its position is rounded to 0.00001 degrees."""

Metres = TypeVar("Metres", float, F32)


class Points(NamedTuple):
    """Places to walk from or to: positions in EPSG:4547 metres, and the id of the side of each."""

    x_m: F64
    y_m: F64
    region: Sequence[str]

    @classmethod
    def of(cls, where: Iterable[tuple[float, float, str]]) -> Points:
        """From x, y and side of each."""
        listed = list(where)
        x, y = (np.array([w[k] for w in listed], dtype=np.float64) for k in (0, 1))
        return cls(x, y, [w[2] for w in listed])

    def part(self, which: slice) -> Points:
        """Some of them."""
        return Points(self.x_m[which], self.y_m[which], self.region[which])


@dataclass(frozen=True)
class WalkParameters:
    """How people reach a station where no street or bus network is given; assumptions, but for the walking speed.

    A walk takes ``distance * walk_detour / walk_speed_m_s`` seconds over a straight distance in metres, the feeder
    ``feeder_wait_s + distance * feeder_detour / speed``.
    """

    walk_speed_m_s: float = 1.2  # FACTS F06
    walk_detour: float = 1.3
    walk_limit_m: float = 3_400.0  # an hour on foot
    feeder_speed_km_h: float = 15.0  # bus or bicycle, stops included
    feeder_detour: float = 1.4
    feeder_wait_s: float = 300.0
    feeder_limit_m: float = 5_000.0

    def walk_s(self, distance_m: F32) -> F32:
        """Seconds on foot over a straight-line distance."""
        return np.asarray(distance_m * (self.walk_detour / self.walk_speed_m_s), dtype=np.float32)

    def reach_s(self, distance_m: F32) -> F32:
        """Seconds on foot or by feeder, whichever is sooner."""
        return np.minimum(self.walk_s(distance_m), self.feeder_s(distance_m))

    def feeder_s(self, distance_m: Metres) -> Metres:
        """Seconds by feeder over a straight-line distance, wait included."""
        return self.feeder_wait_s + distance_m * self._feeder_s_per_m

    def metres_of(self, seconds: float) -> tuple[float, bool]:
        """The inverse of :meth:`reach_s`.

        Parameters
        ----------
        seconds
            On foot or by feeder, whichever is sooner.

        Returns
        -------
        distance_m, by_feeder
            The straight-line distance in metres, and whether the feeder is taken over it.
        """
        walk_s_per_m = self.walk_detour / self.walk_speed_m_s
        on_foot_m = self.feeder_wait_s / (walk_s_per_m - self._feeder_s_per_m)  # as soon either way
        if seconds <= on_foot_m * walk_s_per_m:
            return seconds / walk_s_per_m, False
        return (seconds - self.feeder_wait_s) / self._feeder_s_per_m, True

    @property
    def _feeder_s_per_m(self) -> float:
        return self.feeder_detour / (self.feeder_speed_km_h / 3.6)


@dataclass(frozen=True)
class Ground:
    """The land of each side as a grid: 0 water, 1 the first of the `sides`, 2 the second; row 0 is the south edge.

    Attributes
    ----------
    height_m
        Of each cell, NO_HEIGHT where it is not known; without heights all ground is level.
    """

    land: U8
    x0_m: float
    y0_m: float
    cell_m: float
    parameters: WalkParameters
    sides: Sides = field(default_factory=shipped_sides, kw_only=True)
    height_m: I16 | None = field(default=None, kw_only=True)

    @classmethod
    def from_coastline(cls, coastline: gpd.GeoDataFrame, sides: Sides | None = None) -> Ground:
        """Rasterise the land of each side at 125 m.

        Parameters
        ----------
        coastline
            Land polygons in WGS84, with the id of their side in the column `region`.
        sides
            Ids of the two sides, south first; those of the shipped region by default.

        Returns
        -------
        Ground
            Level, without heights. Channels under some 250 m count as bridged.
        """
        from rasterio import features
        from rasterio.transform import from_origin
        from scipy import ndimage

        sides = sides or shipped_sides()
        projected = project(coastline.geometry.to_numpy())
        bounds = np.array([g.bounds for g in projected])
        x0, y0 = np.floor(bounds[:, :2].min(axis=0) / CELL_M) * CELL_M - 2 * CELL_M
        x1, y1 = np.ceil(bounds[:, 2:].max(axis=0) / CELL_M) * CELL_M + 2 * CELL_M
        shape = (round((y1 - y0) / CELL_M), round((x1 - x0) / CELL_M))
        place = from_origin(x0, y1, CELL_M, CELL_M)
        masks = dict.fromkeys(sides, np.zeros(shape, dtype=bool))
        for region in sides:
            if shapes := [g for g, r in zip(projected, coastline["region"], strict=True) if r == region]:
                masks[region] = features.rasterize(shapes, shape, transform=place, dtype="uint8")[::-1] == 1
        land = np.zeros(shape, dtype=np.uint8)
        for code, (region, other) in enumerate((sides, sides[::-1]), start=1):
            bridged = ndimage.binary_closing(masks[region], np.ones((3, 3), dtype=bool)) & ~masks[other]
            land[(bridged & (land == 0)) | masks[region]] = code
        return cls(land, float(x0), float(y0), CELL_M, WalkParameters(), sides=sides)

    def with_heights(self, path: Path) -> Ground:
        """The same with the heights of a raster (WGS84, metres), read at the middle of each grid cell."""
        rows, cols = (np.arange(n) + 0.5 for n in self.land.shape)
        x, y = np.meshgrid(self.x0_m + cols * self.cell_m, self.y0_m + rows * self.cell_m)
        return replace(self, height_m=heights_at(path, x, y))

    def code(self, region: str | None) -> int:
        """The number of a side on the grid; 0 for none."""
        return self.sides.index(region) + 1 if region else 0

    def codes(self, regions: Sequence[str]) -> U8:
        """The numbers of many sides."""
        code = {region: self.code(region) for region in set(regions)}
        return np.array([code[r] for r in regions], dtype=np.uint8)

    def walk_s(self, distance_m: float) -> float:
        """Seconds on foot over a straight-line distance."""
        return float(self.parameters.walk_s(np.float32(distance_m)))  # type: ignore[arg-type]

    @kept()
    def walkable(self, region: str, a: tuple[float, float], b: tuple[float, float]) -> bool:
        """Whether the straight line between two places stays on one side's land, but for 150 m at a time.

        The line is sampled some 50 m apart.

        Parameters
        ----------
        region
            Id of the side.
        a, b
            x and y in EPSG:4547 metres.
        """
        length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
        steps = max(2, int(length / 50) + 1)
        x, y = np.linspace(a[0], b[0], steps), np.linspace(a[1], b[1], steps)
        off = self._code(x, y) != self.code(region)
        longest = max((len(run) for run in "".join("x" if o else " " for o in off).split()), default=0)
        return longest * length / steps <= 150.0

    def region_at(self, x_m: float, y_m: float) -> str | None:
        """The side whose land is at a position, or makes up most of the land within one grid cell of it.

        Parameters
        ----------
        x_m, y_m
            EPSG:4547 metres.

        Returns
        -------
        str or None
            Id of the side; None in the water, off the grid and for a position that is not finite.
        """
        if not (np.isfinite(x_m) and np.isfinite(y_m)):
            return None
        for reach in (0, 1):
            row, col = int((y_m - self.y0_m) // self.cell_m), int((x_m - self.x0_m) // self.cell_m)
            if not (0 <= row < self.land.shape[0] and 0 <= col < self.land.shape[1]):
                return None
            window = self.land[max(0, row - reach) : row + reach + 1, max(0, col - reach) : col + reach + 1]
            codes = window[window > 0]
            if codes.size:
                return self.sides[int(np.bincount(codes).argmax()) - 1]
        return None

    def _code(self, x: F64, y: F64) -> U8:
        col = np.clip(((x - self.x0_m) / self.cell_m).astype(int), 0, self.land.shape[1] - 1)
        row = np.clip(((y - self.y0_m) / self.cell_m).astype(int), 0, self.land.shape[0] - 1)
        return np.asarray(self.land[row, col], dtype=np.uint8)

    def distances(
        self, origins: Points, targets: Points, limit_m: float, coarsen: int = 1
    ) -> tuple[I32, I32, F32]:
        """Walking distances from each origin to every target of its side, in metres of level ground.

        Parameters
        ----------
        origins, targets
            Positions in EPSG:4547 metres with their sides.
        limit_m
            The longest walk, as a straight distance.
        coarsen
            Merges so many grid cells each way, to save time.

        Returns
        -------
        start, target, distance
            CSR rows: the targets of origin i are ``target[start[i]:start[i + 1]]``, with `distance` in metres. Where the straight
            line is free it counts; where water lies between, the way round.
        """
        land, height, cell_m = self._coarse(coarsen)
        to_code, bucket_start, bucket = self._landed(targets, coarsen, land, cell_m)
        start, target, distance = all_rows(
            land,
            height,
            climb_costs(cell_m, self.parameters.walk_detour),
            cell_m,
            *self._rc(origins, cell_m, land.shape),
            *origins[:2],
            self.codes(origins.region),
            *targets[:2],
            to_code,
            bucket_start,
            bucket,
            limit_m,
        )
        return start, target, distance

    def _landed(self, targets: Points, coarsen: int, land: U8, cell_m: float) -> tuple[U8, I32, I32]:
        """The side of each target, and the targets in each grid cell; kept, as walks from many places go to the same ones."""
        known = self._landings
        key = coarsen, targets.x_m.tobytes(), targets.y_m.tobytes(), tuple(targets.region)
        if (found := known.get(key)) is None:
            code = self.codes(targets.region)
            found = code, *_bucket(land.shape, *_ashore(land, *self._rc(targets, cell_m, land.shape), code))
            if len(known) >= LANDINGS_KEPT:
                known.clear()
            known[key] = found
        return found

    @cached_property
    def _landings(self) -> dict[tuple[int, bytes, bytes, tuple[str, ...]], tuple[U8, I32, I32]]:
        return {}

    def reach(self, origins: Points, targets: Points, limit_m: float) -> tuple[I32, I32, F32]:
        """Seconds on foot or by feeder, whichever is sooner.

        Parameters
        ----------
        origins, targets
            Positions in EPSG:4547 metres with their sides.
        limit_m
            The longest way, as a straight distance.

        Returns
        -------
        start, target, seconds
            CSR rows as :meth:`distances` gives them.
        """
        start, target, metres = self.distances(origins, targets, limit_m)
        return start, target, self.parameters.reach_s(metres)

    def _coarse(self, factor: int) -> tuple[U8, I16, float]:
        height = np.zeros(self.land.shape, np.int16) if self.height_m is None else self.height_m
        if factor == 1:
            return self.land, height, self.cell_m
        rows, cols = (n // factor * factor for n in self.land.shape)
        blocks = self.land[:rows, :cols].reshape(rows // factor, factor, cols // factor, factor)
        first, second = ((blocks == code).sum(axis=(1, 3)) for code in (1, 2))
        coarse = np.where((first + second) * 2 < factor * factor, 0, np.where(first >= second, 1, 2))
        return coarse.astype(np.uint8), coarse_heights(height, factor), self.cell_m * factor

    def _rc(self, points: Points, cell_m: float, shape: tuple[int, ...]) -> tuple[I32, I32]:
        """Row and column of the grid cell of each point; those off the grid in its nearest edge."""
        row = np.clip((points.y_m - self.y0_m + ON_EDGE_M) / cell_m, 0, shape[0] - 1).astype(np.int32)
        col = np.clip((points.x_m - self.x0_m + ON_EDGE_M) / cell_m, 0, shape[1] - 1).astype(np.int32)
        return row, col


_RING = sorted(((r, c) for r in range(-2, 3) for c in range(-2, 3)), key=lambda rc: (np.hypot(*rc), rc))


def _ashore(land: U8, row: I32, col: I32, code: U8) -> tuple[I32, I32]:
    """Grid cells of targets; one in the water or across the boundary moves to the nearest of its side, two cells at most.

    A walk may start from such a cell, so it may end there too: halls are on the very boundary.
    """
    row, col = row.copy(), col.copy()
    off = np.flatnonzero(land[row, col] != code)
    at_row, at_col = row[off], col[off]
    for r, c in _RING[:0:-1]:  # the nearest last
        there_row = np.clip(at_row + r, 0, land.shape[0] - 1)
        there_col = np.clip(at_col + c, 0, land.shape[1] - 1)
        found = land[there_row, there_col] == code[off]
        row[off[found]], col[off[found]] = there_row[found], there_col[found]
    return row, col


def _bucket(shape: tuple[int, ...], row: I32, col: I32) -> tuple[I32, I32]:
    """Targets sorted by grid cell, as CSR over the flattened grid."""
    flat = row.astype(np.int64) * shape[1] + col
    order = np.argsort(flat, kind="stable").astype(np.int32)
    counts = np.bincount(flat, minlength=shape[0] * shape[1])
    return row_starts(counts), order
