"""PC and dPC of 2,000 patches with some 85,000 links beside scipy, NetworkX and the removal of one patch after the other.

    python tests/benchmarks/connectivity.py [--patches 2000] [--links 85000] [--skip-networkx]

Patches are circles thrown at random on a square of 50 km (seeded), links their gaps within the distance that gives the
number of links asked for. Times are wall and processor seconds after compiling; the first call is stated by itself. All-pairs
sums of scipy and NetworkX are worked out over a sample of sources and scaled up, and so is naive removal (patches times one
PC): such figures are marked "scaled". Results are compared over the same sample.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from corridor.ecology.connectivity.probability import (
    DISTANCES_M,
    patch_importance,
    patch_importance_iic,
    probability_of_connectivity,
)
from corridor.ecology.fragmentation.patches import label_patches, patch_links

SIDE_M = 50_000.0
MEDIAN_M = 5_000.0


@contextmanager
def timed(what: str, times: float = 1.0, note: str = "") -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = (time.perf_counter() - wall) * times, (time.process_time() - cpu) * times
    print(f"{what:62} {wall:9.2f} s {cpu:9.2f} s cpu  {note}", flush=True)


def made_up(patches: int, links: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Areas (ha) and links of random patches; the longest links are left out until the number fits."""
    rng = np.random.default_rng(1)
    xy, radius = rng.random((patches, 2)) * SIDE_M, rng.gamma(1, 200, patches)
    reach = SIDE_M * np.sqrt(4 * links / patches**2 / np.pi)
    a, b = cKDTree(xy).query_pairs(reach, output_type="ndarray").T
    gap = np.maximum(np.hypot(*(xy[a] - xy[b]).T) - radius[a] - radius[b], 0)
    kept = np.argsort(gap, kind="stable")[:links]
    table = pd.DataFrame({"a": a[kept] + 1, "b": b[kept] + 1, "distance_m": gap[kept]})
    return np.pi * radius**2 / 10_000, table


def with_scipy(area: np.ndarray, links: pd.DataFrame, sources: np.ndarray) -> float:
    """The numerator of PC over some sources; scipy drops links of 0 m, so they are a micrometre long."""
    a, b = (links[c].to_numpy() - 1 for c in "ab")
    length = np.maximum(links["distance_m"].to_numpy(), 1e-6)
    matrix = csr_array((length, (a, b)), shape=(area.size, area.size))
    ways = dijkstra(matrix, directed=False, indices=sources)
    return float(area[sources] @ np.exp2(-ways / MEDIAN_M) @ area)


def with_networkx(area: np.ndarray, links: pd.DataFrame, sources: np.ndarray) -> float:
    net: nx.Graph = nx.Graph()
    net.add_nodes_from(range(area.size))
    net.add_weighted_edges_from(zip(links["a"] - 1, links["b"] - 1, links["distance_m"], strict=True))
    total = 0.0
    for s in sources.tolist():
        for to, d in nx.single_source_dijkstra_path_length(net, s).items():
            total += area[s] * area[to] * 0.5 ** (d / MEDIAN_M)
    return total


def without(area: np.ndarray, links: pd.DataFrame, patch: int) -> float:
    """The numerator of PC when a patch is gone."""
    left = area.copy()
    left[patch - 1] = 0
    kept = links[(links["a"] != patch) & (links["b"] != patch)]
    return probability_of_connectivity(left, kept, MEDIAN_M).numerator


def links_of_a_raster() -> None:
    """Patches of a made-up raster of 2,000 by 2,000 cells of 30 m, and their links within 3 km."""
    mask = np.zeros((2000, 2000), dtype=bool)
    rng = np.random.default_rng(3)
    for row, column, half in zip(*rng.integers(15, 1985, (2, 2300)), rng.integers(1, 14, 2300), strict=True):
        mask[row - half : row + half, column - half : column + half] = True
    patches = label_patches(mask, 8)
    patch_links(label_patches(mask[:100, :100], 8), 30.0, 100.0)
    with timed(f"links within 3 km of {patches.count:,} patches of a raster"):
        found = patch_links(patches, 30.0, 3000.0)
    print(f"  {len(found):,} links")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patches", type=int, default=2000)
    options.add_argument("--links", type=int, default=85_000)
    options.add_argument("--skip-networkx", action="store_true")
    asked = options.parse_args()
    area, links = made_up(asked.patches, asked.links)
    n = area.size
    print(f"{n:,} patches, {len(links):,} links up to {links['distance_m'].max():,.0f} m")
    few = made_up(50, 200)
    with timed("first call of everything (compiled code from the cache, if any)"):
        probability_of_connectivity(*few, MEDIAN_M)
        patch_importance(*few)
        patch_importance_iic(*few, MEDIAN_M)
    with timed("PC"):
        whole = probability_of_connectivity(area, links, MEDIAN_M).numerator
    sources = np.arange(0, n, max(1, n // 100))
    with timed("PC by scipy", n / sources.size, f"scaled from {sources.size} sources"):
        scipy_part = with_scipy(area, links, sources)
    if not asked.skip_networkx:
        sample = sources[::10]
        with timed("PC by NetworkX", n / sample.size, f"scaled from {sample.size} sources"):
            part = with_networkx(area, links, sample)
        print(f"  scipy and NetworkX differ by {abs(with_scipy(area, links, sample) / part - 1):.1e}")
    with timed(f"dPC of every patch with shares, {len(DISTANCES_M)} distances"):
        patch_importance(area, links)
    with timed("dPC of every patch with shares, one distance"):
        worth = patch_importance(area, links, [MEDIAN_M]).set_index("patch")["d_percent"]
    with timed("dIIC of every patch with shares"):
        patch_importance_iic(area, links, MEDIAN_M)
    tried = [1, n // 2, int(worth.idxmax())]
    with timed("dPC by removal of each patch, own PC", n / len(tried), f"scaled from {len(tried)} patches"):
        lost = [100 * (whole - without(area, links, p)) / whole for p in tried]
    off = max(abs(a - b) for a, b in zip(lost, worth.loc[tried], strict=True))
    print(f"  greatest difference from removal {off:.1e} percentage points")
    print(f"  part of the sum over the sample, scipy: {scipy_part:.6g} of {whole:.6g} ha2")
    links_of_a_raster()


if __name__ == "__main__":
    main()
