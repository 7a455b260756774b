"""Times from 20,000 to 20,000 cells of the study area, beside plain shortest paths on the same graph.

    python tests/benchmarks/access.py [--cells 20000] [--growth [--plot docs/growth.svg]]

In fixed-wait mode every line waits half its own headway, so a plain shortest path gives the same times: scipy's and
NetworkX's Dijkstra run on the same compiled graph with the same limit, for a random sample of origins, and are scaled
up to all. Strategy mode, which no shortest path can give, is timed beside it, and so is one edit, rescored from what was
known before. `--growth` shows how time and memory grow
with the number of cells. One process, every core of the machine for the program, one for the others.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from corridor.access.reach.reach import Reached, reach_from_cells
from corridor.access.search.cells import Cells
from corridor.access.search.departure import Departure
from corridor.access.search.strategy import NEVER_S, StrategyNetwork
from corridor.access.surroundings.base import BaseLayer
from corridor.study.study import Study

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.cell_seconds import seconds_between_cells

LIMIT_S = 3_600.0
CLOCK_S = 13 * 3_600.0  # nothing closes and no period ends within the hour
SAMPLE = 100
SCENARIO = "both-2035"
EDITED = ("hswrl", "disneyland-resort")  # a line in the middle of things, and one at their edge


@dataclass(frozen=True)
class PlainGraph:
    """Origins, points, stops and destinations as one graph of fixed waits; edge weights in seconds."""

    edges: csr_array
    cells: int

    @classmethod
    def of(cls, departure: Departure, base: BaseLayer) -> PlainGraph:
        (_, net), *_ = departure.windows
        n, points, stops = len(base.cells.region), net.points, net.stop_point.size
        point0, stop0, end0 = n, n + points, n + points + stops
        access, walks = base.access(departure), base.cell_walks()
        cell = np.repeat(np.arange(n), np.diff(access.start))
        walker = np.repeat(np.arange(n), np.diff(walks.start))
        parts = [
            (cell, point0 + access.column, access.seconds),
            (point0 + access.column, end0 + cell, access.seconds),
            (walker, end0 + walks.column, walks.seconds),
            (np.arange(n), end0 + np.arange(n), np.full(n, 1e-6)),
            *_services(net, point0, stop0),
        ]
        row, column, weight = (np.concatenate([p[k] for p in parts]) for k in range(3))
        known = weight < NEVER_S
        # two ways between the same nodes: the sooner one
        frame = pd.DataFrame(
            {"row": row[known], "column": column[known], "weight": np.maximum(weight[known], 1e-6)}
        )
        frame = frame.groupby(["row", "column"], as_index=False)["weight"].min()
        shape = (end0 + n, end0 + n)
        return cls(csr_array((frame["weight"], (frame["row"], frame["column"])), shape=shape), n)

    def rows(self, origins: np.ndarray) -> np.ndarray:
        """Seconds from some cells to every cell, by scipy."""
        return dijkstra(self.edges, indices=origins, limit=LIMIT_S)[:, -self.cells :]

    def networkx(self) -> nx.DiGraph:
        """The same graph for NetworkX."""
        return nx.from_scipy_sparse_array(self.edges, create_using=nx.DiGraph)


def _services(
    net: StrategyNetwork, point0: int, stop0: int
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    stop = np.arange(net.stop_point.size)
    boards = stop[(net.stop_board >= 0)]
    board = net.stop_board[boards]
    runs = net.board_frequency[board] > 0
    wait = 0.5 / net.board_frequency[board[runs]]
    last = np.zeros(stop.size, dtype=bool)
    last[net.pattern_start[1:] - 1] = True
    # a stop stands for the vehicle as it departs: riding on includes the dwell of the stop after
    on = stop[~last]
    dwell = np.where(last[on + 1], 0.0, net.stop_dwell_s[on + 1])
    walker = np.repeat(np.arange(net.points), np.diff(net.link_start))
    out = on[net.stop_alight_s[on + 1] < NEVER_S]
    return [
        (point0 + net.stop_point[boards[runs]], stop0 + boards[runs], net.board_s[board[runs]] + wait),
        (stop0 + on, stop0 + on + 1, net.stop_ride_s[on] + dwell),
        (stop0 + out, point0 + net.stop_point[out + 1], net.stop_ride_s[out] + net.stop_alight_s[out + 1]),
        (point0 + walker, point0 + net.link_to, net.link_s),
    ]


def timed(work):  # noqa: ANN001, ANN201
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--growth", action="store_true", help="time and memory from 5,000 to 80,000 cells")
    parser.add_argument("--plot", type=Path, help="draw the growth to this file")
    asked = parser.parse_args()
    study = Study.bundled()
    table = study.catalog.table("cells")
    if asked.growth:
        measured = growth(study, table)
        if asked.plot:
            plot_growth(measured, asked.plot)
        return
    chosen = table.sort_values("residents_census", ascending=False).head(asked.cells).sort_index()
    cells = Cells.from_table(chosen.reset_index(drop=True))
    base = BaseLayer(cells, study.ground)
    network = study.network(SCENARIO).compiled
    plain = Departure(network, CLOCK_S, LIMIT_S, fixed_wait=True)
    base_s, _ = timed(lambda: (base.access(plain), base.cell_walks()))
    first_s, _ = timed(lambda: reach_from_cells(plain, base, (60,)))
    again_s, counts = timed(lambda: reach_from_cells(plain, base, (60,)))
    edits = {line: edited(plain, base, counts, line) for line in EDITED}
    strategic = Departure(network, CLOCK_S, LIMIT_S)
    strategy_s, _ = timed(lambda: reach_from_cells(strategic, base, (60,)))
    origins = np.sort(np.random.default_rng(1).choice(len(chosen), SAMPLE, replace=False)).astype(np.int32)
    graph = PlainGraph.of(plain, base)
    scipy_s, expected = timed(lambda: graph.rows(origins))
    scipy_s *= len(chosen) / SAMPLE
    ours = seconds_between_cells(plain, base, origins)
    both = np.isfinite(ours) & np.isfinite(expected)
    near_limit = np.abs(np.where(np.isfinite(ours), ours, expected) - LIMIT_S) < 2
    worst = np.abs(ours[both] - expected[both]).max()
    apart = int(((np.isfinite(ours) != np.isfinite(expected)) & ~near_limit).sum())
    few = origins[:3]
    view = graph.networkx()
    networkx_s, _ = timed(
        lambda: [nx.single_source_dijkstra_path_length(view, int(o), cutoff=LIMIT_S) for o in few]
    )
    networkx_s *= len(chosen) / few.size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(chosen):,} x {len(chosen):,} cells, {SCENARIO}, 60 min, {graph.edges.nnz:,} edges; peak {peak:.1f} GB (NetworkX's graph included)"
    )
    print(
        f"base layer (walks and feeders, kept for all scenarios)  {base_s:8.2f} s, kernels loaded or compiled"
    )
    print(f"fixed wait, first call                                  {first_s:8.2f} s")
    print(f"fixed wait                                              {again_s:8.2f} s")
    print(f"strategies                                              {strategy_s:8.2f} s")
    print(
        f"scipy dijkstra, {SAMPLE} origins scaled up                {scipy_s:8.0f} s   {scipy_s / again_s:8.0f} times"
    )
    for line, (seconds, found) in edits.items():
        print(
            f"one edit rescored: {line + ' twice as often':<36}{seconds:8.2f} s   {scipy_s / seconds:8.0f} times "
            f"scipy; {found.renewed_cells:,} cells, {found.renewed_batches} of {len(found.batches)} batches renewed"
        )
    print(
        f"NetworkX dijkstra, {few.size} origins scaled up               {networkx_s:8.0f} s   {networkx_s / again_s:8.0f} times"
    )
    print(
        f"largest difference to scipy {worst:.2f} s over {int(both.sum()):,} pairs; reached by one only: {apart}"
    )
    print(f"mean jobs within 60 min {counts.reach('13:00', (60,)).of(60, 'jobs').mean():,.0f}")


def edited(plain: Departure, base: BaseLayer, known: Reached, line: str) -> tuple[float, Reached]:
    """Seconds to score the network with one line twice as often, from what is known; checked against a whole run."""
    network = plain.network
    rows = np.array([own == line for own in network.board_line])
    headway_s = np.where(rows[:, np.newaxis], network.board_headway_s / 2, network.board_headway_s)

    def departure() -> Departure:
        return replace(plain, network=replace(network, board_headway_s=headway_s), _clocked=[])

    seconds, found = timed(lambda: reach_from_cells(departure(), base, (60,), known))
    whole = reach_from_cells(departure(), base, (60,), keep=False)
    assert rows.any() and np.array_equal(found.counts, whole.counts)
    return seconds, found


def growth(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Time and memory against the number of cells; beyond those of the study, cells are split in four."""
    network, rows = study.network(SCENARIO).compiled, []
    for n in (5_000, 10_000, 20_000, 40_000, 80_000):
        cells = Cells.from_table(_resized(table, n))
        base = BaseLayer(cells, study.ground)
        departure = Departure(network, CLOCK_S, LIMIT_S)
        base_s, _ = timed(lambda base=base, d=departure: (base.access(d), base.cell_walks()))
        seconds, _ = timed(lambda base=base, d=departure: reach_from_cells(d, base, (60,)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{n:7,} cells  base {base_s:6.2f} s  times {seconds:6.2f} s  peak {peak:5.2f} GB")
        rows.append((n, base_s, seconds, peak))
    return pd.DataFrame(rows, columns=["cells", "base_s", "times_s", "peak_gb"])


def plot_growth(measured: pd.DataFrame, path: Path) -> None:
    """Draw cells against seconds and memory, both axes in powers, with the slope of a square beside."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "growth"
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    cells = measured["cells"]
    left.loglog(cells, measured["base_s"], "o-", color="#00609c", label="base layer")
    left.loglog(cells, measured["times_s"], "s--", color="#c8321b", label="times")
    square = measured["times_s"].iloc[0] * (cells / cells.iloc[0]) ** 2
    left.loglog(cells, square, ":", color="#5b6268", label="the square of the cells")
    right.loglog(cells, measured["peak_gb"], "o-", color="#2f4b3c", label="peak memory")
    right.axhline(2, color="#5b6268", linestyle=":", label="2 GB")
    for axes, unit in ((left, "seconds"), (right, "GB")):
        axes.set_xlabel("cells")
        axes.set_ylabel(unit)
        axes.set_xticks(cells, [f"{n // 1000}k" for n in cells])
        axes.minorticks_off()
        axes.grid(visible=True, color="#d8d9d6")
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def _resized(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """The n most populous cells; where there are fewer, quarters of them."""
    chosen = table.sort_values("residents_census", ascending=False)
    while len(chosen) < n:
        parts = [
            chosen.assign(x_m=chosen["x_m"] + dx * size, y_m=chosen["y_m"] + dy * size)
            for size in (62.5,)
            for dx in (-1, 1)
            for dy in (-1, 1)
        ]
        chosen = pd.concat(parts).sort_values("residents_census", ascending=False, kind="stable")
    return chosen.head(n).reset_index(drop=True)


if __name__ == "__main__":
    main()
