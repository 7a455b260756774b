"""The network as a NetworkX graph that a person can read, walk through and draw.

Nodes are stations, halls of control points and stops (a station on one direction of one pattern). Edges are
`ride`, `board`, `alight`, `walk` and `clear`; each carries `kind`, `time_s` (seconds, at the morning peak, mean wait
and mean clearance included), and where it has one `line_id` and `source`. The searches do not use it: they take the
arrays of :mod:`corridor.network.compiled`, which hold the same. Shortest paths by NetworkX work too, at the morning peak.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from corridor.network.service import Link, Network, Pattern, is_hall
from corridor.network.walk import Ground

if TYPE_CHECKING:
    import networkx as nx

# Seconds from the concourse to the platform and back; 120 + 60 is the three-minute change of FACTS F06 (assumption).
BOARD_ALIGHT_S: Mapping[str, tuple[float, float]] = {
    "metro": (120.0, 60.0),
    "hsr": (180.0, 120.0),
    "light_rail": (30.0, 15.0),
    "road": (30.0, 0.0),
    "ferry": (180.0, 60.0),  # gates close two minutes before sailing; gangway and pier (assumption)
}
STREET_CHANGE_M = 500.0
"""Stations and halls this near are joined by a street walk where no interchange lists them."""
NOMINAL_PERIOD = "am_peak"
WAIT_ALPHA = 0.5
"""Mean wait in headways: uniform arrivals at services that interleave evenly (Spiess and Florian 1989)."""


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
    for link in walks(network, ground):
        for u, v in ((link.a, link.b), (link.b, link.a)):
            graph.add_edge(u, v, kind="walk", time_s=link.walk_s, source=link.source, inside=link.inside)
    return graph


def doors_s(network: Network, station_id: str) -> tuple[float, float]:
    """Seconds from a station's concourse to the platform, and from the platform out again.

    A change between lines is one way out and one way in. Where a table states it for the station, two thirds of it are the way
    in and one third the way out; elsewhere the times go by system.
    """
    change_s = network.transfer_s.get(station_id)
    if change_s is None:
        return BOARD_ALIGHT_S[network.stations[station_id].system]
    return change_s * 2 / 3, change_s / 3


def ticketing_s_of(network: Network, pattern: Pattern) -> float:
    """Seconds of ticketing and early arrival at each boarding of a pattern."""
    return network.fares.ticketing_s.get(pattern.line_id, 0.0) if network.fares else 0.0


def stop_ids(pattern: Pattern) -> list[str]:
    """The node ids of a pattern's stops, in order of travel."""
    return [f"{pattern.pattern_id}{i}:{stop.station_id}" for i, stop in enumerate(pattern.stops)]


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
    ticketing_s = ticketing_s_of(network, pattern)
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
                source=pattern.source,
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
                source=pattern.source,
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


def walks(network: Network, ground: Ground) -> Iterator[Link]:
    """All walks between stations and halls: those that the tables list, and those by street."""
    return itertools.chain(network.links, street_changes(network, ground))


def street_changes(network: Network, ground: Ground) -> Iterator[Link]:
    """Walks between stations and halls of one side that no interchange lists.

    Parameters
    ----------
    network
        Its ends with access from the street.
    ground
        What a walker may cross, and how long it takes.

    Yields
    ------
    Link
        Up to STREET_CHANGE_M (500 m) of straight distance, where :meth:`Ground.walkable` holds; marked as an assumption.
    """
    from scipy.spatial import cKDTree

    ends = [(p, end.region, end.x_m, end.y_m) for p, end in network.ends.items() if end.street_access]
    if len(ends) < 2:
        return
    listed = {frozenset((link.a, link.b)) for link in network.links}
    for i, j in sorted(cKDTree([end[2:] for end in ends]).query_pairs(STREET_CHANGE_M)):
        (a, side, *start), (b, other, *end) = ends[i], ends[j]
        from_xy, to_xy = (start[0], start[1]), (end[0], end[1])
        if side == other and frozenset((a, b)) not in listed and ground.walkable(side, from_xy, to_xy):
            metres = float(np.hypot(from_xy[0] - to_xy[0], from_xy[1] - to_xy[1]))
            yield Link(a, b, ground.walk_s(metres), "assumption: street walk")
