"""Streets drawn by hand on land of boxes, and walks on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
from shapely.geometry import box

from corridor.core.crs import WGS84, WORKING, project, project_xy
from corridor.network.street_ground import StreetGround
from corridor.network.streets import StreetGraph
from corridor.network.walk import Ground, Points

E0, N0 = 500_000.0, 2_500_000.0  # EPSG:4547, on the axis of 114 E; 22.6 N
Point = tuple[float, float]


def made(*parts: tuple[str, tuple[float, float, float, float]]) -> Ground:
    """Land of boxes in metres from (E0, N0)."""
    shapes = project(
        np.array([box(x0 + E0, y0 + N0, x1 + E0, y1 + N0) for _, (x0, y0, x1, y1) in parts], dtype=object),
        WORKING,
        WGS84,
    )
    return Ground.from_coastline(
        gpd.GeoDataFrame({"region": [r for r, _ in parts]}, geometry=shapes, crs=WGS84)
    )


def drawn(
    points: dict[Any, Point], streets: list[tuple[Any, Any]], one_way: bool = False, **tags: Any
) -> nx.MultiDiGraph:
    """A graph as OSMnx gives it; positions in metres from (E0, N0), lengths straight."""
    graph = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx test", created_date="2026-01-02 03:04:05")
    for node, (x, y) in points.items():
        lon, lat = project_xy(x + E0, y + N0, WORKING, WGS84)
        graph.add_node(node, x=float(lon), y=float(lat))
    for u, v in streets:
        length = float(np.hypot(*np.subtract(points[u], points[v])))
        graph.add_edge(u, v, length=length, **tags)
        if not one_way:
            graph.add_edge(v, u, length=length, **tags)
    return graph


def grid(n: int = 5, step: float = 400.0, one_way: bool = False) -> nx.MultiDiGraph:
    """n x n crossings, streets along both axes."""
    points = {(i, j): (i * step, j * step) for i in range(n) for j in range(n)}
    streets = [((i, j), (i + 1, j)) for i in range(n - 1) for j in range(n)]
    streets += [((i, j), (i, j + 1)) for i in range(n) for j in range(n - 1)]
    return drawn(points, streets, one_way)


def walk(ground: Ground, a: Point, b: Point, sides: str = "sz sz", limit: float = 5_000.0) -> float | None:
    """The distance from a to b as the ground gives it; None where there is no way."""
    one, two = sides.split()
    ends = np.array([a, b], dtype=float) + [E0, N0]
    _, target, metres = ground.distances(
        Points(ends[:1, 0], ends[:1, 1], [one]), Points(ends[1:, 0], ends[1:, 1], [two]), limit
    )
    return float(metres[0]) if target.size else None


PLAIN = made(("sz", (-3_000, -3_000, 6_000, 6_000)))


def on_streets(graph: nx.MultiDiGraph, ground: Ground = PLAIN) -> StreetGround:
    return StreetGround.of(ground, StreetGraph.from_graph(graph))


def saved(tmp_path: Path) -> Path:
    import osmnx

    path = tmp_path / "g.graphml"
    osmnx.save_graphml(nx.convert_node_labels_to_integers(grid(3)), path)
    return path
