"""The network as a graph to read: shortest paths of NetworkX, added up by hand."""

from __future__ import annotations

import networkx as nx
import pytest

from corridor.network.graph import build_graph
from corridor.network.service import Link
from tests.network_factory import checkpoint, ground, network, pattern, station


def test_a_shortest_path_adds_up_by_hand() -> None:
    stops = [station(s, 5000.0 * i) for i, s in enumerate("abc")]
    line = pattern("p", "abc", [400, 500], 600.0, clearance={"c": "gate"})
    net = network(stops, [line], [Link("a", "b", 1000.0)], [checkpoint("gate", 600.0)])
    graph = build_graph(net, ground())
    assert {d["kind"] for *_, d in graph.edges(data=True)} >= {"board", "ride", "alight", "walk", "clear"}
    # on the platform 30 s, half a headway 300 s, the ride, off a road vehicle 0 s, and clearance where one alights at c
    assert nx.shortest_path_length(graph, "a", "b", weight="time_s") == pytest.approx(30 + 300 + 400)
    assert nx.shortest_path_length(graph, "a", "c", weight="time_s") == pytest.approx(30 + 300 + 900 + 600)
    # on foot: no train runs back
    assert nx.shortest_path_length(graph, "b", "a", weight="time_s") == pytest.approx(1000)
