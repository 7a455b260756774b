"""Walking and feeders without a street network: straight lines with a detour, that never cross water or the boundary.

The ground is a grid of land cells of each side of the boundary. Where the straight line is free it counts;
where water is between, the shortest way over land of the same side counts; where there is none, nobody walks.
Where heights are given, metres are those of level ground that take as long: see :mod:`corridor.network.terrain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from corridor.core.crs import project
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.core.memory import Kept
from corridor.network.landing import ashore, by_cell
from corridor.network.terrain import NO_HEIGHT, climb_costs, coarse_heights, heights_at
from corridor.schema.region import Sides, shipped_sides

if TYPE_CHECKING:
    import geopandas as gpd

CELL_M = 125.0
LANDINGS_KEPT = 8
"""Sets of targets, some 2 MB each."""
ON_EDGE_M = 1.0
"""A place on the edge of a grid cell stays in it when its position is rounded to 0.00001 degrees."""

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]
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
    height_m: NDArray[np.int16] | None = field(default=None, kw_only=True)

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

    def walkable(self, region: str, a: Sequence[float], b: Sequence[float]) -> bool:
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
            line is free it counts; where water is between, the way round.
        """
        land, height, cell_m = self._coarse(coarsen)
        to_code, bucket_start, bucket = self._landed(targets, coarsen, land, cell_m)
        start, target, distance = _all_rows(
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

        def work() -> tuple[U8, I32, I32]:
            code = self.codes(targets.region)
            return code, *by_cell(land.shape, *ashore(land, *self._rc(targets, cell_m, land.shape), code))

        key = coarsen, targets.x_m.tobytes(), targets.y_m.tobytes(), tuple(targets.region)
        return self._landings.known(key, work)

    @cached_property
    def _landings(self) -> Kept[tuple[object, ...], tuple[U8, I32, I32]]:
        return Kept(LANDINGS_KEPT)

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

    def _coarse(self, factor: int) -> tuple[U8, NDArray[np.int16], float]:
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


_STEPS = [(r, c) for r in range(-2, 3) for c in range(-2, 3) if r * r + c * c in {1, 2, 5}]
_STEP_R = np.array([r for r, _ in _STEPS], dtype=np.int32)
_STEP_C = np.array([c for _, c in _STEPS], dtype=np.int32)
_STEP_D = np.hypot(_STEP_R, _STEP_C).astype(np.float32)
_STEP_KIND = (np.abs(_STEP_R) + np.abs(_STEP_C) - 1).astype(np.int32)  # along, across, a knight's


@njit(cache=True, nogil=True)
def _grid_distances(  # type: ignore[no-untyped-def]
    land, height, climb, row, col, code, cell_m, radius, dist, flat, queue_key, queue_cell
):
    """Cheapest ways over cells of one side from (row, col), within a window of 2 radius + 1 cells.

    `dist` gets metres of level ground that take as long, `flat` the metres of the same ways. A binary heap with lazy deletion:
    a cell may be in the heap several times, and only its least key counts, which is cheaper than to move keys. Steps are those
    of a king and a knight, so a way is at most 2.8 % longer than the straight line.
    """
    width = 2 * radius + 1
    dist[:] = np.inf
    centre = radius * width + radius
    dist[centre] = 0.0
    flat[centre] = 0.0
    queue_key[0] = 0.0
    queue_cell[0] = centre
    size = 1
    limit = np.float32(radius * cell_m)
    while size > 0:
        key = queue_key[0]
        cell = queue_cell[0]
        size = pop(queue_key, queue_cell, size)
        if key > dist[cell]:
            continue
        wr = cell // width
        wc = cell % width
        here = height[row + wr - radius, col + wc - radius]
        for k in range(_STEP_R.size):
            nr = wr + _STEP_R[k]
            nc = wc + _STEP_C[k]
            if nr < 0 or nc < 0 or nr >= width or nc >= width:
                continue
            gr = row + nr - radius
            gc = col + nc - radius
            if gr < 0 or gc < 0 or gr >= land.shape[0] or gc >= land.shape[1] or land[gr, gc] != code:
                continue
            if _STEP_D[k] > 2.0:  # a knight's move may not jump over water
                hr = row + wr - radius + _STEP_R[k] // 2 if abs(_STEP_R[k]) == 2 else row + wr - radius
                hc = col + wc - radius + _STEP_C[k] // 2 if abs(_STEP_C[k]) == 2 else col + wc - radius
                if (
                    land[hr, hc] != code
                    and land[gr - (hr - (row + wr - radius)), gc - (hc - (col + wc - radius))] != code
                ):
                    continue
            up = height[gr, gc]
            rise = 0 if here == NO_HEIGHT or up == NO_HEIGHT else abs(np.int32(up) - np.int32(here))
            new = key + climb[_STEP_KIND[k], min(rise, climb.shape[1] - 1)]
            there = nr * width + nc
            # a tenth beyond the limit: where nothing is in the way the straight line counts, and it is shorter than this
            if new < dist[there] and new <= limit * 1.1:
                dist[there] = new
                flat[there] = flat[cell] + _STEP_D[k] * cell_m
                size = push(queue_key, queue_cell, size, new, there)


@njit(cache=True, nogil=True)
def _all_rows(  # type: ignore[no-untyped-def]
    land, height, climb, cell_m, row, col, x, y, code, to_x, to_y, to_code, bucket_start, bucket, limit_m
):
    radius = int(np.ceil(limit_m / cell_m)) + 1
    width = 2 * radius + 1
    dist = np.empty(width * width, dtype=np.float32)
    flat = np.empty(width * width, dtype=np.float32)
    # a step from each of 16 neighbours can lower a cell, so it is in the heap 16 times at most
    key = np.empty(width * width * 16, dtype=np.float32)
    cell = np.empty(width * width * 16, dtype=np.int32)
    n = row.size
    start = np.zeros(n + 1, dtype=np.int32)
    target = np.empty(1024, dtype=np.int32)
    distance = np.empty(1024, dtype=np.float32)
    count = 0
    for i in range(n):
        _grid_distances(
            land, height, climb, row[i], col[i], code[i], np.float32(cell_m), radius, dist, flat, key, cell
        )
        for wr in range(width):
            gr = row[i] + wr - radius
            if gr < 0 or gr >= land.shape[0]:
                continue
            for wc in range(width):
                gc = col[i] + wc - radius
                d = dist[wr * width + wc]
                if gc < 0 or gc >= land.shape[1] or not np.isfinite(d):
                    continue
                for b in range(
                    bucket_start[gr * land.shape[1] + gc], bucket_start[gr * land.shape[1] + gc + 1]
                ):
                    j = bucket[b]
                    if to_code[j] != code[i]:
                        continue
                    straight = np.hypot(to_x[j] - x[i], to_y[j] - y[i])
                    length = flat[wr * width + wc]
                    # The way over cells is a little too long and begins and ends at their middles: within that much
                    # of the straight line nothing was in the way, and the straight line counts.
                    free = length <= 1.06 * straight + 1.5 * cell_m
                    steep = d / length if length > 0.0 else 1.0
                    metres = straight * steep if free else max(straight, d)
                    if metres > limit_m:
                        continue
                    if count == target.size:
                        target = np.concatenate((target, np.empty_like(target)))
                        distance = np.concatenate((distance, np.empty_like(distance)))
                    target[count] = j
                    distance[count] = metres
                    count += 1
        start[i + 1] = count
    return start, target[:count].copy(), distance[:count].copy()
