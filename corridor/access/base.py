"""The base layer: how cells and places reach points and each other on foot or by feeder; no scenario changes it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from corridor.access.cells import Cells, Place
from corridor.access.threads import THREADS, chunks
from corridor.network.compiled import CompiledNetwork
from corridor.network.walk import Ground

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
PlaceLinks = tuple[I32, F32]  # points around a place, and seconds to them


@dataclass(frozen=True)
class Rows:
    """A sparse matrix of seconds: the entries of row i are ``start[i]:start[i+1]``."""

    start: I32
    column: I32
    seconds: F32

    def transposed(self, columns: int) -> Rows:
        """The matrix the other way round; `columns` is how many columns it has."""
        row = np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))
        order = np.argsort(self.column, kind="stable")
        counts = np.bincount(self.column, minlength=columns)
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return Rows(start, row[order], self.seconds[order])

    def columns_of(self, chosen: NDArray[np.bool_]) -> I32:
        """Columns of the entries of some rows."""
        return self.column[np.repeat(chosen, np.diff(self.start))]


@dataclass
class BaseLayer:
    """Walks and feeders between cells and points, and walks between cells; computed once, kept by position."""

    cells: Cells
    ground: Ground
    _reach: dict[tuple[str, int, int], tuple[I32, F32]] = field(default_factory=dict)
    _walks: Rows | None = None

    def point_cells(self, network: CompiledNetwork) -> Rows:
        """For each point, the cells it reaches on foot or by feeder, nearest first."""
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
        return Rows(start, np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows]))

    def cell_points(self, network: CompiledNetwork) -> Rows:
        """For each cell, the points it reaches on foot or by feeder."""
        return self.point_cells(network).transposed(len(self.cells.region))

    def _fill(self, keys: Sequence[tuple[str, int, int]]) -> None:
        keys = list(dict.fromkeys(keys))
        if not keys:
            return
        start, cell, reach_s = self.ground.reach(
            np.array([float(k[1]) for k in keys]),
            np.array([float(k[2]) for k in keys]),
            [k[0] for k in keys],
            self.cells.x_m,
            self.cells.y_m,
            self.cells.region,
            self.ground.parameters.feeder_limit_m,
        )
        for i, key in enumerate(keys):
            part = slice(start[i], start[i + 1])
            order = np.argsort(reach_s[part], kind="stable")
            self._reach[key] = (cell[part][order], reach_s[part][order])

    def cell_walks(self) -> Rows:
        """For each cell, the cells it reaches on foot within the walking limit."""
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
            self._walks = _both_ways(Rows(start, np.concatenate([t for _, t, _ in found]), seconds))
        return self._walks

    def walks_of(self, place: Place) -> tuple[I32, F32]:
        """The cells one place reaches on foot, and seconds."""
        c, parameters = self.cells, self.ground.parameters
        _, cell, metres = self.ground.distances(
            np.array([place.x_m]),
            np.array([place.y_m]),
            [place.region],
            c.x_m,
            c.y_m,
            c.region,
            parameters.walk_limit_m,
        )
        return cell, parameters.walk_s(metres)

    def walks_between(self, origin: Place, destinations: Sequence[Place]) -> tuple[I32, F32]:
        """Which destinations a place reaches on foot (indices), and seconds."""
        parameters = self.ground.parameters
        _, near, metres = self.ground.distances(
            np.array([origin.x_m]),
            np.array([origin.y_m]),
            [origin.region],
            np.array([d.x_m for d in destinations]),
            np.array([d.y_m for d in destinations]),
            [d.region for d in destinations],
            parameters.walk_limit_m,
        )
        return near, parameters.walk_s(metres)

    def place_links(self, network: CompiledNetwork, place: Place) -> PlaceLinks:
        """Points that a place can be reached from or leave by, and seconds."""
        if place.point is not None:
            known = [network.index[place.point]] if place.point in network.index else []
            return np.array(known, dtype=np.int32), np.zeros(len(known), dtype=np.float32)
        usable = np.flatnonzero(network.street)
        _start, target, seconds = self.ground.reach(
            np.array([place.x_m]),
            np.array([place.y_m]),
            [place.region],
            network.x_m[usable],
            network.y_m[usable],
            [network.region[p] for p in usable],
            self.ground.parameters.feeder_limit_m,
        )
        return usable[target].astype(np.int32), seconds


def _both_ways(rows: Rows) -> Rows:
    """The lesser of both directions: a cell whose centre lies in water starts a walk but would not end one."""
    n = rows.start.size - 1
    most = np.float32(rows.seconds.max(initial=0.0) + 1.0)
    gain = csr_array((most - rows.seconds, rows.column, rows.start), shape=(n, n))
    least = csr_array(gain.maximum(gain.T))
    least.sort_indices()
    return Rows(
        least.indptr.astype(np.int32), least.indices.astype(np.int32), (most - least.data).astype(np.float32)
    )
