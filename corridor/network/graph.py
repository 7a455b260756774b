"""The network as a NetworkX graph that a person can read, walk through and draw.

Nodes are stations, halls of control points and stops (a station on one direction of one pattern). Edges are
`ride`, `board`, `alight`, `walk` and `clear`; each carries `kind`, `time_s` (seconds, at the morning peak, mean wait
and mean clearance included) and, where there is one, `line_id`. The searches do not use it: they take the
arrays of :mod:`corridor.network.compiled`, which hold the same. Shortest paths by NetworkX work too, at the morning peak.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from corridor.network.compiled import WAIT_ALPHA, doors_s, stop_ids, street_changes
from corridor.network.service import Network, Pattern, is_hall
from corridor.network.walk import Ground

if TYPE_CHECKING:
    import networkx as nx

NOMINAL_PERIOD = "am_peak"


def build_graph(network: Network, ground: Ground) -> nx.MultiDiGraph:
    """The graph of one scenario's network.

    Parameters
    ----------
    network
        What runs in the scenario.
    ground
        What a walker may cross, for the walks by street between stations and halls that no table lists.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes of kind station, hall and stop with x_m and y_m in EPSG:4547; edges of kind ride, board, alight, walk and clear
        with time_s in seconds.
    """
    import networkx as nx

    graph = nx.MultiDiGraph(scenario_id=network.scenario_id)
    for point, end in network.ends.items():
        graph.add_node(
            point,
            kind="hall" if is_hall(point) else "station",
            name=end.names.en,
            region=end.region,
            system=end.system,
            x_m=end.x_m,
            y_m=end.y_m,
            street_access=end.street_access,
            planned=end.planned,
        )
    _add_clearances(graph, network)
    for pattern in network.patterns:
        _add_pattern(graph, network, pattern)
    for link in itertools.chain(network.links, street_changes(network, ground)):
        for u, v in ((link.a, link.b), (link.b, link.a)):
            graph.add_edge(u, v, kind="walk", time_s=link.walk_s, inside=link.inside)
    return graph


def _add_clearances(graph: nx.MultiDiGraph, network: Network) -> None:
    for point in network.checkpoints.values():
        for a, b in itertools.permutations(point.halls(network.sides), 2):
            graph.add_edge(
                a.point,
                b.point,
                kind="clear",
                time_s=point.clearance_s,
                checkpoint_id=point.checkpoint_id,
                regime=point.regime,
            )


def _add_pattern(graph: nx.MultiDiGraph, network: Network, pattern: Pattern) -> None:
    if not pattern.headway_s:
        return
    nominal = pattern.headway_s.get(NOMINAL_PERIOD) or min(pattern.headway_s.values())
    ticketing_s = network.fares.ticketing_s.get(pattern.line_id, 0.0) if network.fares else 0.0
    nodes = stop_ids(pattern)
    for i, (node, stop) in enumerate(zip(nodes, pattern.stops, strict=True)):
        station = network.stations[stop.station_id]
        board_s, alight_s = doors_s(network, stop.station_id)
        clear_s = network.checkpoints[stop.clearance].clearance_s if stop.clearance else 0.0
        graph.add_node(
            node,
            kind="stop",
            station_id=stop.station_id,
            pattern_id=pattern.pattern_id,
            line_id=pattern.line_id,
            x_m=station.x_m,
            y_m=station.y_m,
        )
        if i < len(nodes) - 1 and stop.only != "alight":
            graph.add_edge(
                stop.station_id,
                node,
                kind="board",
                line_id=pattern.line_id,
                time_s=board_s + ticketing_s + clear_s + WAIT_ALPHA * nominal,
                board_s=board_s + ticketing_s,
                ticketing_s=ticketing_s,
                headway_s=dict(pattern.headway_s),
                first_s=pattern.first_s + stop.departure_s,
                last_s=pattern.last_s + stop.departure_s,
                checkpoint_id=stop.clearance,
            )
        if i < len(nodes) - 1:
            following = pattern.stops[i + 1]
            graph.add_edge(
                node,
                nodes[i + 1],
                kind="ride",
                line_id=pattern.line_id,
                time_s=following.arrival_s - stop.arrival_s,
                run_s=following.arrival_s - stop.departure_s,
                dwell_s=stop.departure_s - stop.arrival_s,
            )
        if i > 0 and stop.only != "board":
            graph.add_edge(
                node,
                stop.station_id,
                kind="alight",
                line_id=pattern.line_id,
                time_s=alight_s + clear_s,
                alight_s=alight_s,
                checkpoint_id=stop.clearance,
            )
