"""Compare the default walk (straight line x 1.3 round the water) with two real street graphs; prints the tables.

Inputs (under --sources):
- shenzhen_osmnx_futian/G.graphml: an OSMnx graph of a patch of Futian, May 2023 (OpenStreetMap, ODbL 1.0);
- hk_road_graph_from_bus_routes.csv.gz: all roads that buses and minibuses drive in Hong Kong, January 2025
  (route geometries of CSDI via DATA.GOV.HK, attribution). Directed edges, taken both ways. No footpaths.

Method: places are nodes of the graph, one for each square of 250 m (the node nearest to its middle), so that no
walk to the graph is in the figures. From up to 500 of them, drawn at random (seed 20), all others within 3 km
straight are looked at, and up to 2,500 pairs of each distance band are drawn. The graph's distance is the shortest
way within 9 km; the default's is 1.3 x the distance of corridor.network.walk.Ground. Error = default - graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from tables import sources_argument

from corridor import Study
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.network.street_ground import Snapped, StreetGround, street_distances
from corridor.network.streets import StreetGraph, both_ways
from corridor.network.walk import Points

BANDS_M = (200.0, 500.0, 1_000.0, 2_000.0, 3_000.0)
LATTICE_M = 250.0
SOURCES = 500
PAIRS_A_BAND = 2_500
GRAPH_LIMIT_M = 9_000.0
SEED = 20


@dataclass(frozen=True)
class Sample:
    """Pairs of places with three distances in metres; `graph` and `default` NaN where there is no way."""

    pairs: pd.DataFrame
    no_way_default: int
    no_way_graph: int


def road_graph(path: Path) -> nx.MultiDiGraph:
    """The table of road pieces as a graph such as OSMnx gives it."""
    table = pd.read_csv(path)
    ends = [project_xy(table[f"lon{i}"], table[f"lat{i}"]) for i in (1, 2)]
    table["length"] = np.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1])
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for lon1, lat1, lon2, lat2, length in table[["lon1", "lat1", "lon2", "lat2", "length"]].itertuples(False):
        graph.add_node((lon1, lat1), x=lon1, y=lat1)
        graph.add_node((lon2, lat2), x=lon2, y=lat2)
        graph.add_edge((lon1, lat1), (lon2, lat2), length=length)
    return graph


def places(ground: StreetGround, region: str) -> np.ndarray:
    """One usable node for each square of 250 m."""
    graph, code = ground.streets.graph, ground.streets.code
    nodes = np.flatnonzero(code == ground.code(region))
    col, row = (np.floor(v[nodes] / LATTICE_M) for v in (graph.x_m, graph.y_m))
    off = np.hypot(graph.x_m[nodes] - (col + 0.5) * LATTICE_M, graph.y_m[nodes] - (row + 0.5) * LATTICE_M)
    squares = pd.DataFrame({"node": nodes, "col": col, "row": row, "off": off})
    return (
        squares.sort_values(["off", "node"]).drop_duplicates(["col", "row"])["node"].sort_values().to_numpy()
    )


def sample(ground: StreetGround, region: str, chosen_on: StreetGround | None = None) -> Sample:
    """Pairs drawn by band, walked both ways of reckoning; places are those of `chosen_on` where it is given."""
    rng = np.random.default_rng(SEED)
    graph, nodes = ground.streets.graph, places(chosen_on or ground, region)
    start = rng.choice(nodes, min(SOURCES, nodes.size), replace=False)
    x, y = graph.x_m[nodes], graph.y_m[nodes]
    straight = np.hypot(graph.x_m[start][:, None] - x, graph.y_m[start][:, None] - y)
    by_graph, by_default = np.full(straight.shape, np.nan), np.full(straight.shape, np.nan)
    zero = np.zeros(max(start.size, nodes.size))
    rows, target, metres = street_distances(
        ground.streets,
        Snapped(start.astype(np.int32), zero[: start.size]),
        Snapped(nodes.astype(np.int32), zero[: nodes.size]),
        GRAPH_LIMIT_M,
    )
    by_graph[np.repeat(np.arange(start.size), np.diff(rows)), target] = metres
    rows, target, metres = super(StreetGround, ground).distances(
        Points(graph.x_m[start], graph.y_m[start], [region] * start.size),
        Points(x, y, [region] * nodes.size),
        GRAPH_LIMIT_M / ground.parameters.walk_detour,
    )
    found = np.repeat(np.arange(start.size), np.diff(rows))
    by_default[found, target] = metres * ground.parameters.walk_detour
    chosen = []
    for low, high in zip(BANDS_M[:-1], BANDS_M[1:], strict=True):
        a, b = np.nonzero((straight >= low) & (straight < high))
        few = rng.choice(a.size, min(PAIRS_A_BAND, a.size), replace=False)
        a, b = a[few], b[few]
        chosen.append(
            pd.DataFrame(
                {
                    "band": f"{low:,.0f} to {high:,.0f}",
                    "from": start[a],
                    "to": nodes[b],
                    "straight": straight[a, b],
                    "graph": by_graph[a, b],
                    "default": by_default[a, b],
                }
            )
        )
    pairs = pd.concat(chosen, ignore_index=True)
    none_default, none_graph = pairs["default"].isna(), pairs["graph"].isna()
    return Sample(
        pairs[~none_default & ~none_graph],
        int((none_default & ~none_graph).sum()),
        int((none_graph & ~none_default).sum()),
    )


def table(pairs: pd.DataFrame, speed_m_s: float) -> pd.DataFrame:
    """Detour and error of the default by band; the last row takes all bands alike."""
    groups = [*pairs.groupby("band", sort=False), ("all", pairs)]
    return pd.DataFrame([{"straight, m": band, **_row(rows, speed_m_s)} for band, rows in groups])


def _row(rows: pd.DataFrame, speed_m_s: float) -> dict[str, float]:
    detour = rows["graph"] / rows["straight"]
    error = rows["default"] - rows["graph"]
    minutes = error / speed_m_s / 60.0
    return {
        "pairs": len(rows),
        "detour median": detour.median(),
        "mean": detour.mean(),
        "90 %": detour.quantile(0.9),
        "error mean, m": error.mean(),
        "median, m": error.median(),
        "mean abs, m": error.abs().mean(),
        "90 % abs, m": error.abs().quantile(0.9),
        "mean, min": minutes.mean(),
        "median, min": minutes.median(),
        "mean abs, min": minutes.abs().mean(),
        "90 % abs, min": minutes.abs().quantile(0.9),
    }


def worst(ground: StreetGround, pairs: pd.DataFrame, count: int = 5) -> pd.DataFrame:
    """The pairs with the largest error, no two of which start or end within 1 km of each other."""
    graph, kept = ground.streets.graph, list[int]()
    error = (pairs["default"] - pairs["graph"]).abs()
    for i in error.sort_values(ascending=False).index:
        ends = pairs.loc[i, ["from", "to"]].to_numpy(int)
        taken = pairs.loc[kept, ["from", "to"]].to_numpy(int).ravel()
        gap = np.hypot(
            graph.x_m[taken][:, None] - graph.x_m[ends], graph.y_m[taken][:, None] - graph.y_m[ends]
        )
        if not (gap < 1_000.0).any():
            kept.append(i)
        if len(kept) == count:
            break
    found = pairs.loc[kept].copy()
    for end in ("from", "to"):
        lon, lat = project_xy(
            graph.x_m[found[end].to_numpy()], graph.y_m[found[end].to_numpy()], WORKING, WGS84
        )
        found[end] = [f"{a:.4f}, {b:.4f}" for a, b in zip(lon, lat, strict=True)]
    found["error"] = found["default"] - found["graph"]
    return found.drop(columns="band")


def joined(graph: StreetGraph, radius_m: float) -> StreetGraph:
    """The graph with a straight link between any two nodes within a radius: as if no wall, kerb or map ended a path.

    Lower than any real walk where streets pass over each other; with the graph as it is, it brackets the truth.
    """
    near = cKDTree(np.column_stack([graph.x_m, graph.y_m])).query_pairs(radius_m, output_type="ndarray")
    row = np.repeat(np.arange(graph.nodes), np.diff(graph.start))
    gap = np.hypot(
        graph.x_m[near[:, 0]] - graph.x_m[near[:, 1]], graph.y_m[near[:, 0]] - graph.y_m[near[:, 1]]
    )
    start, neighbour, length = both_ways(
        graph.nodes,
        np.concatenate([row, near[:, 0]]),
        np.concatenate([graph.neighbour.astype(np.int64), near[:, 1]]),
        np.concatenate([graph.length_m, gap]),
    )
    return replace(graph, start=start, neighbour=neighbour, length_m=length)


def by_gap(ground: StreetGround, region: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """Detour and error on the same pairs, with links over gaps of several widths."""
    rows, speed = [], ground.parameters.walk_speed_m_s
    for gap_m in (0.0, 20.0, 40.0, 60.0):
        bridged = StreetGround.of(ground, joined(ground.streets.graph, gap_m)) if gap_m else ground
        again = sample(bridged, region, ground).pairs.set_index(["from", "to"])["graph"]
        both = pairs.join(again.rename("joined"), on=["from", "to"], how="inner")
        rows.append({"gap, m": gap_m, **_row(both.assign(graph=both["joined"]), speed)})
    return pd.DataFrame(rows)


def factors(pairs: pd.DataFrame) -> pd.DataFrame:
    """The mean error had another factor been taken in place of 1.3, where the straight line is free."""
    free = pairs[pairs["default"] < 1.301 * pairs["straight"]]
    rows = []
    for factor in (1.2, 1.25, 1.3, 1.35, 1.4, 1.5, 1.6):
        error = factor * free["straight"] - free["graph"]
        rows.append(
            {"factor": factor, "mean error, m": error.mean(), "mean abs error, m": error.abs().mean()}
        )
    return pd.DataFrame(rows)


def report(title: str, ground: StreetGround, region: str) -> None:
    """Print everything about one graph."""
    found = sample(ground, region)
    print(f"\n## {title}\n{ground.streets.graph}; {ground.streets.pieces} pieces in use")
    print(f"places: {places(ground, region).size}; pairs with a way both ways: {len(found.pairs)}")
    print(f"a way by the graph only: {found.no_way_default}; by the default only: {found.no_way_graph}")
    for rows in (
        table(found.pairs, ground.parameters.walk_speed_m_s),
        by_gap(ground, region, found.pairs),
        factors(found.pairs),
        worst(ground, found.pairs),
    ):
        print(rows.to_string(index=False, float_format=lambda v: f"{v:,.2f}"))
    minutes = (found.pairs["default"] - found.pairs["graph"]) / ground.parameters.walk_speed_m_s / 60.0
    print(
        f"more than 5 min too short: {(minutes < -5).mean():.0%}, too long: {(minutes > 5).mean():.0%}; "
        f"within 2 min: {(minutes.abs() <= 2).mean():.0%}"
    )
    rounded = found.pairs["default"] > 1.301 * found.pairs["straight"]
    print(f"pairs led round water by the default: {int(rounded.sum())}")
    print(_row(found.pairs[rounded], ground.parameters.walk_speed_m_s) if rounded.any() else "")


def main() -> None:
    sources = sources_argument(__doc__ or "")
    ground = Study.bundled().ground
    futian = StreetGraph.load(sources / "shenzhen_osmnx_futian/G.graphml")
    report("Futian", StreetGround.of(ground, futian), "sz")
    roads = StreetGraph.from_graph(road_graph(sources / "hk_road_graph_from_bus_routes.csv.gz"), "roads")
    report("Hong Kong", StreetGround.of(ground, roads), "hk")


if __name__ == "__main__":
    main()
