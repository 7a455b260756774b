"""A road graph for driving, as OSMnx gives it: checked, and measured against what this program assumes of roads.

Journeys do not use it. A feeder to a station is a straight line times a detour at a speed (see
:class:`corridor.network.walk.WalkParameters`); a graph of the real roads gives that detour.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from corridor.core.arrays import BOOL, F64
from corridor.core.crs import project_xy
from corridor.core.csr import least_of_pairs
from corridor.core.errors import LayerError
from corridor.network.streets import check_graph, is_only, positions

ORIGINS = 100
PAIRS = 20_000_000
"""Ways looked at together, at most: fewer origins in a large graph, so that memory stays small."""
NEAR_M, FAR_M = 1_000.0, 5_000.0
"""Straight distances between which the detour is taken: where people ride to a station rather than walk."""
SEED = 20
NOT_DRIVEN = {
    "footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor", "elevator", "escalator",
}  # fmt: skip


@dataclass(frozen=True)
class RoadGraph:
    """What a road graph holds.

    Attributes
    ----------
    km
        Of all edges; a road driven both ways counts twice.
    one_way_share
        Of the edges, those without one back.
    joined_share
        Of the nodes, those of the largest part in which one can drive from each to each.
    detour_median
        Way by road over straight line, of pairs 1 to 5 km apart in that part; NaN where there are none.
    not_driven
        Edges left out because nobody drives there: the graph was made for walking.
    """

    read_nodes: int
    read_edges: int
    km: float
    one_way_share: float
    joined_share: float
    pairs: int
    detour_median: float
    detour_p90: float
    not_driven: int = 0

    @classmethod
    def from_graph(cls, graph: nx.MultiDiGraph, where: str = "road graph") -> RoadGraph:
        """Measure a road graph.

        Parameters
        ----------
        graph
            As OSMnx gives it: positions in degrees (WGS84), lengths in metres. It is not changed.
        where
            Its name in messages.

        Raises
        ------
        CorridorError
            With every fault of the graph at once (:func:`corridor.network.streets.check_graph`).
        LayerError
            Where nobody can drive on any of its edges.
        """
        check_graph(graph, where).raise_all()
        read = graph
        feet = [(u, v, k) for u, v, k, d in graph.edges(keys=True, data=True) if is_only(d, NOT_DRIVEN)]
        if feet:
            graph = graph.copy()
            graph.remove_edges_from(feet)
            graph.remove_nodes_from(list(nx.isolates(graph)))
        if not graph.number_of_edges():
            raise LayerError.at(where, "has no road", "roads to drive on", "choose another area")
        index = {node: i for i, node in enumerate(graph)}
        ends = np.array([(index[u], index[v]) for u, v in graph.edges()], dtype=np.int64)
        length = np.array([float(d["length"]) for _, _, d in graph.edges(data=True)])
        # one weight for each pair of joined nodes, the shortest of several; 0 m counts as a millimetre
        u, v, metres = least_of_pairs(ends[:, 0], ends[:, 1], length)
        roads = csr_matrix((np.maximum(metres, 1e-3), (u, v)), shape=(len(graph), len(graph)))
        back = np.asarray(roads.T.tocsr()[ends[:, 0], ends[:, 1]]).ravel() > 0
        _, part = connected_components(roads, connection="strong")
        largest = part == np.bincount(part).argmax()
        x, y = project_xy(*positions(graph))
        detour = detours(roads, x, y, largest)
        middle, high = np.percentile(detour, [50, 90]) if detour.size else (np.nan, np.nan)
        return cls(
            len(read), read.number_of_edges(), float(length.sum() / 1e3), float(1 - back.mean()), float(largest.mean()),
            detour.size, float(middle), float(high), len(feet),
        )  # fmt: skip

    def __str__(self) -> str:
        text = (
            f"{self.read_nodes:,} nodes and {self.read_edges:,} edges read, {self.km:,.1f} km by direction, "
            f"{self.one_way_share:.0%} of the edges one-way, {self.joined_share:.0%} of the nodes in the largest part "
            f"that can be driven to and fro"
        )
        if self.not_driven:
            text += f"; {self.not_driven:,} edges of footways and the like left out"
        if self.pairs:
            text += (
                f"; way by road over straight line, {self.pairs:,} pairs 1 to 5 km apart: "
                f"median {self.detour_median:.2f}, 90 % under {self.detour_p90:.2f}"
            )
        return text


def detours(roads: csr_matrix, x_m: F64, y_m: F64, usable: BOOL) -> F64:
    """Way by road over straight line, from up to 100 drawn nodes (seed 20) to all others 1 to 5 km away.

    Parameters
    ----------
    roads
        Metres from node to node, sparse.
    x_m, y_m
        Positions in EPSG:4547 metres.
    usable
        Nodes to take, which can reach one another.

    Returns
    -------
    ndarray of float, shape (pairs,)
        1 or more.
    """
    nodes = np.flatnonzero(usable)
    origins = min(ORIGINS, nodes.size, max(1, PAIRS // roads.shape[0]))
    start = np.random.default_rng(SEED).choice(nodes, origins, replace=False)
    # the limit keeps the search short: pairs with a way of more than 50 km are left out
    way = np.asarray(dijkstra(roads, indices=start, limit=10 * FAR_M))[:, nodes]
    straight = np.hypot(x_m[start][:, None] - x_m[nodes], y_m[start][:, None] - y_m[nodes])
    chosen = (straight >= NEAR_M) & (straight <= FAR_M) & np.isfinite(way)
    return np.asarray(np.maximum(way[chosen] / straight[chosen], 1.0), dtype=np.float64)
