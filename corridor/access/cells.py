"""From cells to cells: the base layer of walks and feeders, and the kernel that joins it with the point times.

A cell row is the least of walking all the way and of reaching a station, riding, and leaving another:
``min over s, e of access[i, s] + times[s, e] + egress[e, j]``. Access and egress are those of the base layer, which
no scenario changes but for the stations it adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from corridor.access.clock import point_times
from corridor.access.parameters import AccessParameters
from corridor.access.threads import THREADS, chunks, in_threads
from corridor.errors import CorridorError, Problem
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S
from corridor.network.walk import Ground

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
LANES = 64  # origins worked on together
BLOCK_M = 2_000.0
FAR = np.int16(16_000)  # seconds; beyond every cut-off
SIDES = ("hk", "sz")
PointKey = tuple[str, float, float, bool]
PlaceLinks = tuple[I32, F32]  # points around a place, and seconds to them
LAND_STATES = ("census", "buildout-2035")
OPPORTUNITIES = ("residents", "jobs")
KINDS = len(LAND_STATES) * len(OPPORTUNITIES)
_COLUMN = {
    ("census", "residents"): "residents_census",
    ("census", "jobs"): "jobs_modelled",
    ("buildout-2035", "residents"): "residents_buildout_2035",
    ("buildout-2035", "jobs"): "jobs_buildout_2035",
}


@dataclass(frozen=True)
class Place:
    """Where a journey starts or ends: a position with its side, and the station or hall (`point`) if it is one."""

    name: str
    point: str | None
    x_m: float
    y_m: float
    region: str


@dataclass(frozen=True)
class Cells:
    """The populated cells: positions in EPSG:4547 metres, side, district and what each holds."""

    table: pd.DataFrame
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    region: tuple[str, ...]
    side: NDArray[np.int8]  # index into SIDES
    weights: I32  # (cell, land state x opportunity), whole people and jobs

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> Cells:
        """Cells of the bundle's table (see layers/people)."""
        region = tuple(table["region"])
        columns = [
            table[_COLUMN[state, what]].to_numpy(float) for state in LAND_STATES for what in OPPORTUNITIES
        ]
        return cls(
            table,
            table["x_m"].to_numpy(float),
            table["y_m"].to_numpy(float),
            region,
            np.array([SIDES.index(r) for r in region], dtype=np.int8),
            np.ascontiguousarray(np.rint(np.column_stack(columns)), dtype=np.int32),
        )

    def people(self, state: str = "census", what: str = "residents") -> NDArray[np.float64]:
        """Residents or jobs of each cell in one land state."""
        return np.asarray(self.table[_COLUMN[state, what]].to_numpy(float))

    def evenly_spread(self) -> NDArray[np.float64]:
        """Residents with Shenzhen's spread evenly over built-up land, the sensitivity of the layer."""
        column = "residents_even" if "residents_even" in self.table else _COLUMN["census", "residents"]
        return np.asarray(self.table[column].to_numpy(float))


@dataclass
class BaseLayer:
    """Walks and feeders between cells and points, and walks between cells; computed once, kept by position."""

    cells: Cells
    ground: Ground
    _reach: dict[tuple[str, int, int], tuple[I32, F32]] = field(default_factory=dict)
    _walks: tuple[I32, I32, F32] | None = None

    def point_links(self, network: CompiledNetwork) -> tuple[I32, I32, F32]:
        """For each point, the cells it reaches on foot or by feeder (CSR), nearest first, seconds."""
        keys = [
            (network.region[p], round(network.x_m[p]), round(network.y_m[p]))
            for p in range(len(network.points))
        ]
        self._fill(
            [k for k, street in zip(keys, network.street, strict=True) if street and k not in self._reach]
        )
        none = (np.empty(0, np.int32), np.empty(0, np.float32))
        rows = [self._reach[k] if street else none for k, street in zip(keys, network.street, strict=True)]
        start = np.concatenate([[0], np.cumsum([len(r[0]) for r in rows])]).astype(np.int32)
        return start, np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows])

    def _fill(self, keys: Sequence[tuple[str, int, int]]) -> None:
        keys = list(dict.fromkeys(keys))
        if not keys:
            return
        parameters = self.ground.parameters
        start, cell, metres = self.ground.distances(
            np.array([float(k[1]) for k in keys]),
            np.array([float(k[2]) for k in keys]),
            [k[0] for k in keys],
            self.cells.x_m,
            self.cells.y_m,
            self.cells.region,
            parameters.feeder_limit_m,
        )
        for i, key in enumerate(keys):
            part = slice(start[i], start[i + 1])
            seconds = parameters.reach_s(metres[part])
            order = np.argsort(seconds, kind="stable")
            self._reach[key] = (cell[part][order], seconds[order])

    def cell_walks(self) -> tuple[I32, I32, F32]:
        """For each cell, the cells it reaches on foot within the walking limit (CSR), seconds."""
        if self._walks is None:
            c, parameters = self.cells, self.ground.parameters
            parts = chunks(len(c.region), THREADS * 2)
            with ThreadPoolExecutor(THREADS) as pool:
                found = list(
                    pool.map(
                        lambda part: self.ground.distances(
                            c.x_m[part],
                            c.y_m[part],
                            c.region[part],
                            c.x_m,
                            c.y_m,
                            c.region,
                            parameters.walk_limit_m,
                            coarsen=2,
                        ),
                        parts,
                    )
                )
            counts = np.concatenate([np.diff(s) for s, _, _ in found])
            start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
            seconds = parameters.walk_s(np.concatenate([d for _, _, d in found]))
            self._walks = (start, np.concatenate([t for _, t, _ in found]), seconds)
        return self._walks

    def walks_of(self, x_m: float, y_m: float, region: str) -> tuple[I32, F32]:
        """The cells one place reaches on foot, and seconds."""
        c, parameters = self.cells, self.ground.parameters
        _, cell, metres = self.ground.distances(
            np.array([x_m]), np.array([y_m]), [region], c.x_m, c.y_m, c.region, parameters.walk_limit_m
        )
        return cell, parameters.walk_s(metres)


@dataclass(frozen=True)
class CellTimes:
    """Expected seconds from every cell to every point, leaving at one clock time; infinite where not reached."""

    hour: str
    to_point_s: F32  # (cell, point)


@dataclass(frozen=True)
class Reach:
    """What every cell reaches at one hour: (cell, cut-off, land state x opportunity x side)."""

    hour: str
    cutoffs_min: tuple[int, ...]
    counts: F32

    def of(self, cutoff_min: int, what: str, state: str = "census", side: str | None = None) -> F32:
        """Opportunities within a cut-off, on both sides or on one."""
        base = (LAND_STATES.index(state) * len(OPPORTUNITIES) + OPPORTUNITIES.index(what)) * len(SIDES)
        picked = [base + SIDES.index(s) for s in ([side] if side else SIDES)]
        return np.asarray(self.counts[:, self.cutoffs_min.index(cutoff_min), picked].sum(axis=1))


def cell_to_point(
    network: CompiledNetwork,
    base: BaseLayer,
    start_clock_s: float,
    limit_s: float,
    parameters: AccessParameters,
) -> F32:
    """Expected seconds from every cell to every point, leaving each cell at one clock time.

    A cell reaches its stations at its own clock times: stations are searched once for each step after the start, and
    a cell uses the step in which it arrives. The step is 5 minutes where a last departure or a closing lies within the
    limit, so hours are met to within 5 minutes, and 15 where none does and only headways change. The journey of one
    place is exact (:mod:`corridor.access.journey`).
    """
    step_s = (
        parameters.closing_step_s if _closes(network, start_clock_s, limit_s) else parameters.headway_step_s
    )
    links = base.point_links(network)
    start, point, seconds = _transpose(*links, len(base.cells.region))
    n = len(network.points)
    out = np.full((len(base.cells.region), n), np.inf, dtype=np.float32)
    steps = int(seconds.max() // step_s) + 1 if seconds.size else 0
    for step in range(steps):
        offset = step * step_s
        inside = (seconds >= offset) & (seconds < offset + step_s)
        sources = np.unique(point[inside]).astype(np.int32)
        if sources.size == 0:
            continue
        times = point_times(
            network.kernel, sources, start_clock_s + offset, limit_s, n, parameters.fixed_wait
        )
        row_of = np.full(n, -1, dtype=np.int32)
        row_of[sources] = np.arange(sources.size)
        in_threads(
            _lower_point_rows,
            len(start) - 1,
            out,
            start,
            point,
            seconds,
            row_of,
            times,
            offset,
            offset + step_s,
        )
    return out


def point_keys(network: CompiledNetwork) -> tuple[PointKey, ...]:
    """What makes a point the same one in two networks: its name, where it stands, and whether it opens to the street.

    A station that a scenario moves is another point, since other cells lie around it.
    """
    places = zip(
        network.points,
        network.x_m.round().tolist(),
        network.y_m.round().tolist(),
        network.street,
        strict=True,
    )
    return tuple((p, x, y, bool(street)) for p, x, y, street in places)


@dataclass(frozen=True)
class KnownRows:
    """Reach already worked out on another network of the same study and hour, to take unchanged rows from."""

    points: tuple[PointKey, ...]
    to_point_s: F32
    counts: F32

    def unchanged(self, points: tuple[PointKey, ...], to_point_s: F32, limit_s: float) -> NDArray[np.bool_]:
        """Cells that reach every point within the limit exactly when they did before."""
        index = {p: k for k, p in enumerate(points)}
        before = np.array([index.get(p, -1) for p in self.points], dtype=np.int32)
        new = np.array([index[p] for p in points if p not in set(self.points)], dtype=np.int32)
        same = np.ones(len(to_point_s), dtype=np.bool_)
        in_threads(
            _unchanged_rows, same.size, same, self.to_point_s, to_point_s, before, new, np.float32(limit_s)
        )
        return same


def _closes(network: CompiledNetwork, start_clock_s: float, limit_s: float) -> bool:
    """Whether a last departure or a closing falls between the start and the limit."""
    ends = np.concatenate([network.board_last_s, network.cp_close_s])
    after = (ends - start_clock_s) % DAY_S
    return bool((after < limit_s).any())


def reach_from_cells(
    to_point_s: F32,
    base: BaseLayer,
    network: CompiledNetwork,
    cutoffs_min: Sequence[int],
    known: KnownRows | None = None,
) -> F32:
    """Opportunities within each cut-off, for every cell: (cell, cut-off, land state x opportunity x side).

    Times count in whole seconds. Rows that `known` already has are taken from it.
    """
    cells = base.cells
    limit_s = 60 * max(cutoffs_min)
    if limit_s >= FAR:
        raise CorridorError(
            Problem("cutoffs_min", str(max(cutoffs_min)), f"at most {int(FAR) // 60 - 1} minutes", "ask less")
        )
    same = (
        known.unchanged(point_keys(network), to_point_s, limit_s)
        if known
        else np.zeros(len(to_point_s), dtype=bool)
    )
    rows = np.flatnonzero(~same).astype(np.int32)
    blocks = (cells.x_m[rows] // BLOCK_M, cells.y_m[rows] // BLOCK_M)
    rows = rows[np.lexsort(blocks)]  # neighbours share what they cannot reach
    out = np.zeros((rows.size, len(cutoffs_min), len(SIDES) * KINDS), dtype=np.float32)
    start, point, seconds = _transpose(*base.point_links(network), len(cells.region))
    walk_start, walk_cell, walk_s = base.cell_walks()
    in_threads(
        _reach_rows,
        rows.size,
        LANES,
        out,
        rows,
        to_point_s,
        start,
        point.astype(np.uint32),
        seconds,
        walk_start,
        walk_cell,
        walk_s,
        cells.weights,
        cells.side,
        60 * np.asarray(cutoffs_min, dtype=np.int16),
    )
    counts = np.empty((len(to_point_s), *out.shape[1:]), dtype=np.float32)
    counts[rows] = out
    if known:
        counts[same] = known.counts[same]
    return counts


def place_minutes(to_point_s: F32, base: BaseLayer, links: PlaceLinks, place: Place) -> F32:
    """Minutes from every cell to one place, by the stations around it or on foot; NaN where not reached."""
    points, seconds = links
    best = np.full(len(to_point_s), np.inf, dtype=np.float32)
    for p, s in zip(points, seconds, strict=True):
        np.minimum(best, to_point_s[:, p] + s, out=best)
    if place.point is None:
        cells, direct = base.walks_of(place.x_m, place.y_m, place.region)
        np.minimum.at(best, cells, direct)
    minutes = best / 60
    minutes[~np.isfinite(minutes)] = np.nan
    return np.asarray(minutes, dtype=np.float32)


def place_links(base: BaseLayer, network: CompiledNetwork, place: Place) -> PlaceLinks:
    """Points that a place can be reached from or leave by, and seconds."""
    if place.point is not None:
        known = [network.index[place.point]] if place.point in network.index else []
        return np.array(known, dtype=np.int32), np.zeros(len(known), dtype=np.float32)
    usable = np.flatnonzero(network.street)
    _start, target, metres = base.ground.distances(
        np.array([place.x_m]),
        np.array([place.y_m]),
        [place.region],
        network.x_m[usable],
        network.y_m[usable],
        [network.region[p] for p in usable],
        base.ground.parameters.feeder_limit_m,
    )
    return usable[target].astype(np.int32), base.ground.parameters.reach_s(metres)


def _transpose(start: I32, column: I32, value: F32, n: int) -> tuple[I32, I32, F32]:
    """CSR to CSR of the transpose."""
    row = np.repeat(np.arange(start.size - 1, dtype=np.int32), np.diff(start))
    order = np.argsort(column, kind="stable")
    counts = np.bincount(column, minlength=n)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), row[order], value[order]


@njit(cache=True, nogil=True)
def _unchanged_rows(a, b, same, old, now, index, new, limit):  # type: ignore[no-untyped-def]
    """Rows whose times to every point within the limit are what they were; `index` finds old points among the new."""
    for i in range(a, b):
        for k in range(index.size):
            t = old[i, k]
            s = now[i, index[k]] if index[k] >= 0 else np.float32(np.inf)
            if t != s and (t <= limit or s <= limit):
                same[i] = False
                break
        for k in range(new.size):
            if now[i, new[k]] <= limit:
                same[i] = False


@njit(cache=True, nogil=True, inline="always")
def _whole(seconds):  # type: ignore[no-untyped-def]
    """A time rounded to whole seconds, FAR where it is beyond every cut-off."""
    return np.int16(np.rint(seconds)) if seconds < FAR else FAR


@njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})
def _lower_point_rows(a, b, out, start, point, seconds, row_of, times, low, high):  # type: ignore[no-untyped-def]
    for i in range(a, b):
        for k in range(start[i], start[i + 1]):
            s = seconds[k]
            if s < low or s >= high:
                continue
            row = row_of[point[k]]
            for q in range(out.shape[1]):
                t = s + times[row, q]
                if t < out[i, q]:
                    out[i, q] = t


@njit(cache=True, nogil=True)
def _reach_rows(  # type: ignore[no-untyped-def]
    a,
    b,
    lanes,
    out,
    rows,
    to_point,
    link_start,
    link_point,
    link_s,
    walk_start,
    walk_cell,
    walk_s,
    weights,
    side,
    cutoffs,
):
    """Rows a to b of `out`, `lanes` origins at a time so that the processor adds and compares them together.

    Times are whole seconds in 16 bits; FAR stands for not reached, and FAR plus an egress still fits.
    """
    n = side.size
    points = to_point.shape[1]
    reach = np.full((points, lanes), FAR, dtype=np.int16)
    on_foot = np.full((n, lanes), FAR, dtype=np.int16)
    best = np.empty(lanes, dtype=np.int16)
    within = np.empty(lanes, dtype=np.int32)
    total = np.empty((cutoffs.size, len(SIDES), KINDS, lanes), dtype=np.int32)
    for first in range(a, b, lanes):
        used = min(lanes, b - first)
        for o in range(used):
            i = rows[first + o]
            for p in range(points):
                reach[p, o] = _whole(to_point[i, p])
            for k in range(walk_start[i], walk_start[i + 1]):
                on_foot[walk_cell[k], o] = _whole(walk_s[k])
            on_foot[i, o] = 0
        total[:] = 0
        for j in range(n):
            for o in range(lanes):
                best[o] = on_foot[j, o]
            for k in range(link_start[j], link_start[j + 1]):
                row = reach[link_point[k]]
                e = _whole(link_s[k])
                for o in range(lanes):
                    best[o] = min(best[o], np.int16(row[o] + e))
            soonest = FAR
            for o in range(lanes):
                soonest = min(soonest, best[o])
            if soonest > cutoffs[-1]:
                continue
            z = side[j]
            for c in range(cutoffs.size):
                cutoff = cutoffs[c]
                for o in range(lanes):
                    within[o] = -np.int32(best[o] <= cutoff)
                for w in range(KINDS):
                    weight = weights[j, w]
                    for o in range(lanes):
                        total[c, z, w, o] += weight & within[o]
        for o in range(used):
            i = rows[first + o]
            for k in range(walk_start[i], walk_start[i + 1]):
                on_foot[walk_cell[k], o] = FAR
            on_foot[i, o] = FAR
            for w in range(KINDS):
                for z in range(len(SIDES)):
                    for c in range(cutoffs.size):
                        out[first + o, c, len(SIDES) * w + z] = total[c, z, w, o]
