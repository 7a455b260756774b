"""Effective resistance on the real study grid beside scipy's direct solver, and cost distance beside scikit-image.

    python tests/benchmarks/circuits.py [--cell 100] [--cores 10] [--land] [--skip-scipy]

The raster is the study's habitat with a resistance a class (invented here: only the work counts), the cores are the largest
wetlands. Each step is timed in wall seconds and in processor seconds, which other work on the machine changes less. scipy's
splu factorises the same Laplacian, one node grounded, and solves once for each core; results must be equal.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

from corridor.ecology.circuits.memory import estimated_bytes
from corridor.ecology.circuits.resistance import CircuitGrid
from corridor.ecology.quality.grid import HabitatGrid, habitat_grid
from corridor.study.study import Study

RESISTANCE = {
    "marine": 50.0,
    "built": 100.0,
    "open": 5.0,
    "farmland": 2.0,
    "wetland": 1.0,
    "woodland": 3.0,
    "freshwater": 1.0,
}


def memory_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed(what: str, times: int = 1) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times
    print(f"{what:58} {wall:9.3f} s {cpu:9.3f} s cpu   peak {memory_mb():6.0f} MB")


def resistances(grid: HabitatGrid, land_only: bool) -> np.ndarray:
    """A resistance for each cell by the group of its class; NaN where the habitat is not known."""
    by_code = np.full(256, np.nan)
    for code, group in zip(grid.classes["code"], grid.classes["group"], strict=True):
        by_code[code] = np.nan if land_only and group == "marine" else RESISTANCE[group]
    by_code[grid.nodata] = np.nan
    return by_code[grid.codes]


def largest_cores(grid: HabitatGrid, resistance: np.ndarray, cores: int) -> np.ndarray:
    """The largest wetlands (8 neighbours), numbered from 1."""
    wetland = grid.of(["fishpond", "mangrove", "freshwater"]) & ~np.isnan(resistance)
    labels, _ = ndimage.label(wetland, np.ones((3, 3)))
    order = np.argsort(-np.bincount(labels.ravel())[1:])[:cores] + 1
    focal = np.zeros(labels.shape, dtype=int)
    for i, label in enumerate(order):
        focal[labels == label] = i + 1
    return focal


def with_scipy(grid: CircuitGrid) -> Callable[[int, int], float]:
    """Resistance between two nodes by scipy: one node grounded, one factorisation, one solve for each core."""
    graph, terminals = grid.graph, grid.terminals
    part = np.flatnonzero(graph.component == graph.component[terminals[0]])
    matrix = csr_array((graph.conductance, graph.neighbour, graph.start), shape=(graph.nodes, graph.nodes))
    matrix = matrix[part][:, part]
    laplacian = csc_array(diags_array(np.asarray(matrix.sum(axis=1)).ravel()) - matrix)[1:, 1:]
    with timed("scipy splu, factorise"):
        factor = splu(
            laplacian, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
    at = np.searchsorted(part, terminals[np.isin(terminals, part)]) - 1
    unit = np.zeros((laplacian.shape[0], at.size))
    unit[at, np.arange(at.size)] = 1.0
    with timed("scipy splu, solve, a core", at.size):
        solved = factor.solve(unit)
    g = solved[at]
    place = {int(node): i for i, node in enumerate(part[at + 1])}
    return lambda a, b: float(g[place[a], place[a]] + g[place[b], place[b]] - 2 * g[place[a], place[b]])


def compare(grid: CircuitGrid, pairs: Any, scipy_ohm: Callable[[int, int], float]) -> None:
    node = grid.graph.focal.set_index("focal")["node"]
    component = grid.graph.focal.set_index("focal")["component"]
    first = grid.graph.component[grid.terminals[0]]
    inside = pairs[(pairs["state"] == "connected") & (pairs["from"].map(component) == first)]
    theirs = np.array(
        [scipy_ohm(int(node[a]), int(node[b])) for a, b in zip(inside["from"], inside["to"], strict=True)]
    )
    worst = np.abs(inside["resistance"].to_numpy() / theirs - 1).max()
    print(f"largest relative difference over {len(inside)} pairs: {worst:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cell", type=float, default=100.0)
    parser.add_argument("--cores", type=int, default=10)
    parser.add_argument("--land", action="store_true", help="leave the sea out")
    parser.add_argument("--skip-scipy", action="store_true")
    args = parser.parse_args()
    habitat = habitat_grid(Study.bundled().land, args.cell)
    raster = resistances(habitat, args.land)
    focal = largest_cores(habitat, raster, args.cores)
    small = raster[:60, :60].copy()
    small[0, 0] = small[-1, -1] = 1.0
    warm = CircuitGrid(small, np.pad([[1]], ((0, 59), (0, 59))) + np.pad([[2]], ((59, 0), (59, 0))))
    with timed("our loops compiled or read from the cache"):
        warm.circuit(maps=True)
        warm.with_changes(small * 2).circuit()
    big = np.ones((230, 230))
    CircuitGrid(big, np.pad([[1, 2]], ((0, 229), (0, 228)))).circuit()
    print(
        f"{raster.shape[0]} x {raster.shape[1]} cells, {int((~np.isnan(raster)).sum()):,} with data; peak {memory_mb():.0f} MB"
    )
    with timed("graph"):
        grid = CircuitGrid(raster, focal)
    with timed("elimination, once for all pairs"):
        grid.elimination  # noqa: B018
    with timed("resistances of all pairs"):
        circuit = grid.circuit()
    pairs = len(circuit.pairs)
    with timed(f"cumulative and maximum current, a pair ({pairs})", pairs):
        grid.circuit(maps=True)
    with timed("one more pair with its maps"):
        circuit.pair_maps(1, 2)
    needed = estimated_bytes(raster.size, int((~np.isnan(raster)).sum()), 8, args.cores, maps=True)
    print(f"estimated beforehand: {needed / 1e6:.0f} MB")
    after = raster.copy()
    row = np.arange(raster.shape[0] // 4, raster.shape[0] // 2)
    after[row, row] *= 20
    with timed(f"a scenario that changes {row.size} cells, all pairs"):
        changed = grid.with_changes(after).circuit()
    with timed("the same scenario afresh"):
        fresh = CircuitGrid(after, focal).circuit()
    ours, theirs = changed.pairs["resistance"].to_numpy(), fresh.pairs["resistance"].to_numpy()
    both = np.isfinite(theirs)
    print(f"largest relative difference: {np.abs(ours[both] / theirs[both] - 1).max():.1e}")
    if not args.skip_scipy:
        compare(grid, circuit.pairs, with_scipy(grid))


if __name__ == "__main__":
    main()
