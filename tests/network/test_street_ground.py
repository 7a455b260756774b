"""Walking on a street graph: the shortest way by street, both ways, never across the boundary, else open ground."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString

from corridor.core.crs import WGS84, WORKING, project
from corridor.core.errors import LayerError
from corridor.network.street_ground import PIECE_M, SNAP_M, Snapped, StreetGround, _matrix, street_distances
from corridor.network.streets import StreetGraph
from corridor.network.walk import Points
from tests.network.street_factory import E0, N0, PLAIN, drawn, grid, made, on_streets, walk

# --- the shortest way -------------------------------------------------------------------------------


def test_a_grid_is_walked_along_its_streets() -> None:
    """From (0, 0) to (1600, 1200): 1,600 + 1,200 = 2,800 m by street.

    Open ground counts straight metres and takes 1.3 times as long, so 2,800 m by street are 2,800 / 1.3 = 2,153.8
    of them, and at 1.2 m/s both take 2,800 / 1.2 = 2,333 s. The straight line is 2,000 m.
    """
    found = walk(on_streets(grid()), (0, 0), (1_600, 1_200))
    assert found == pytest.approx(2_800 / 1.3, abs=0.5)
    assert PLAIN.walk_s(found or 0) == pytest.approx(2_800 / 1.2, abs=0.5)
    assert walk(PLAIN, (0, 0), (1_600, 1_200)) == pytest.approx(2_000, abs=0.5)


def test_the_walk_to_the_nearest_node_counts() -> None:
    """Streets of 400 m have nodes every 400/7 = 57.1 m (at most 60). From (-90, 0): 90 m to the corner. To
    (1000, 30): the nodes near x = 1000 are 800 + 3 x 57.14 = 971.4 and 1028.6, both 41.4 m off; either way
    90 + 971.4 + 41.4 = 1102.8 or 57.1 m more, and the nearest is settled by rounding.
    """
    near = np.hypot(1_000 - 971.43, 30)
    found = (walk(on_streets(grid()), (-90, 0), (1_000, 30)) or 0) * 1.3
    assert min(abs(found - (90 + 971.43 + near)), abs(found - (90 + 1_028.57 + near))) < 0.5


def test_a_drawn_street_is_as_long_as_stated_and_bends_as_drawn() -> None:
    """A street from (0, 0) to (1000, 0) by way of (500, 660): 2 x 828.0 = 1,656.0 m, in 28 pieces, so
    that a node is at the bend. A place beyond it at (500, 710) is 50 m and half the street from either end: 878.0 m.
    """
    graph = drawn({"a": (0, 0), "b": (1_000, 0), "c": (2_500, 0)}, [("b", "c")])
    course = project(LineString(np.array([(0, 0), (500, 660), (1_000, 0)]) + [E0, N0]), WORKING, WGS84)
    graph.add_edge("a", "b", length=1_655.99, geometry=course)
    graph.add_edge("b", "a", length=1_655.99, geometry=course.reverse())
    ground = on_streets(graph)
    assert (walk(ground, (0, 0), (1_000, 0)) or 0) * 1.3 == pytest.approx(1_655.99, abs=0.5)
    for end in ((0.0, 0.0), (1_000.0, 0.0)):
        assert (walk(ground, end, (500, 710)) or 0) * 1.3 == pytest.approx(878.0, abs=0.5)


def test_a_course_drawn_only_the_other_way_round_fits_its_ends() -> None:
    """The street is given from b to a alone; from a, a place a quarter along is a quarter of the street away."""
    graph = drawn({"a": (0, 0), "b": (1_200, 0), "c": (2_500, 0)}, [("b", "c")])
    course = project(LineString(np.array([(1_200, 0), (300, 0), (0, 0)]) + [E0, N0]), WORKING, WGS84)
    graph.add_edge("b", "a", length=1_200.0, geometry=course)
    assert (walk(on_streets(graph), (0, 0), (300, 0)) or 0) * 1.3 == pytest.approx(300, abs=1)


def test_one_way_streets_are_walked_both_ways() -> None:
    ground = on_streets(grid(one_way=True))
    assert walk(ground, (1_600, 1_600), (0, 0)) == walk(ground, (0, 0), (1_600, 1_600))
    assert walk(ground, (0, 0), (1_600, 1_600)) == pytest.approx(3_200 / 1.3, abs=0.5)


def test_motorways_are_not_walked_but_streets_that_are_partly_one_are() -> None:
    """The short cut of 1,000 m counts or not; else round by (0, 1000) and (1000, 1000): 3,000 m."""
    points = {"a": (0, 0), "b": (1_000, 0), "c": (0, 1_000), "d": (1_000, 1_000)}
    for highway, expected in (
        ("motorway", 3_000),
        ("motorway_link", 3_000),
        (["motorway", "primary"], 1_000),
        ("primary", 1_000),
    ):
        graph = drawn(points, [("a", "c"), ("c", "d"), ("d", "b")])
        graph.add_edge("a", "b", length=1_000.0, highway=highway)
        compiled = StreetGraph.from_graph(graph)
        assert compiled.motorways == (expected == 3_000)
        found = walk(StreetGround.of(PLAIN, compiled), (0, 0), (1_000, 0))
        assert (found or 0) * 1.3 == pytest.approx(expected, abs=0.5)


def test_two_ways_round_a_block_are_two_streets_though_equally_long() -> None:
    """OSMnx keeps only the crossings: a and b, with a street of 1,800 m on either side, one drawn to the north, one to
    the south. A place at the middle of either is 900 m from a.
    """
    graph = drawn({"a": (0, 0), "b": (600, 0), "c": (2_500, 0)}, [("b", "c")])
    for y in (600, -600):
        points = np.array([(0, 0), (0, y), (600, y), (600, 0)]) + [E0, N0]
        course = project(LineString(points), WORKING, WGS84)
        graph.add_edge("a", "b", length=1_800.0, geometry=course)
        graph.add_edge("b", "a", length=1_800.0, geometry=course.reverse())
    ground = on_streets(graph)
    assert ground.streets.graph.street_km == pytest.approx(1.8 + 1.8 + 1.9, abs=0.01)
    for y in (600, -600):
        assert (walk(ground, (0, 0), (300, y)) or 0) * 1.3 == pytest.approx(900, abs=0.5)


def test_of_two_streets_between_two_nodes_the_shorter_counts() -> None:
    graph = drawn({"a": (0, 0), "b": (50, 0), "c": (1_500, 0)}, [("a", "b"), ("b", "c")])
    graph.add_edge("a", "b", length=58.0)
    assert (walk(on_streets(graph), (0, 0), (1_500, 0)) or 0) * 1.3 == pytest.approx(1_500, abs=0.5)


def test_a_river_is_crossed_by_its_bridge() -> None:
    """Land north and south of 600 m of water; the streets meet only on a bridge at x = 2,000.

    From (0, 0) to (0, 1000): 2,000 + 1,000 + 2,000 = 5,000 m by street; without streets there is no way at all.
    """
    shores = made(("sz", (-500, -1_500, 3_000, 200)), ("sz", (-500, 800, 3_000, 2_500)))
    points = {"a": (0, 0), "b": (2_000, 0), "c": (2_000, 1_000), "d": (0, 1_000)}
    ground = on_streets(drawn(points, [("a", "b"), ("b", "c"), ("c", "d")]), shores)
    assert ground.streets.cut == 0 and ground.streets.pieces == 1
    assert walk(shores, (0, 0), (0, 1_000)) is None
    assert walk(ground, (0, 0), (0, 1_000)) == pytest.approx(5_000 / 1.3, abs=1)


def test_the_limit_means_the_same_time_with_and_without_streets() -> None:
    """2,800 m by street are 2,153.8 of open ground."""
    ground = on_streets(grid())
    assert walk(ground, (0, 0), (1_600, 1_200), limit=2_150) is None
    assert walk(ground, (0, 0), (1_600, 1_200), limit=2_160) is not None


# --- the edge of the graph --------------------------------------------------------------------------


def test_a_place_beyond_the_snapping_limit_walks_over_open_ground() -> None:
    ground = on_streets(grid())
    near, far = (0.0, -SNAP_M + 1), (0.0, -SNAP_M - 1)
    assert walk(ground, near, (1_600, 1_200)) == pytest.approx((SNAP_M - 1 + 2_800) / 1.3, abs=0.5)
    assert walk(ground, far, (1_600, 1_200)) == walk(PLAIN, far, (1_600, 1_200))
    assert walk(ground, (1_600, 1_200), far) == walk(PLAIN, (1_600, 1_200), far)


def test_nobody_walks_across_the_boundary_by_street() -> None:
    """A street runs from Hong Kong into Shenzhen; each half is walked by its own side only."""
    both = made(("hk", (-500, -2_000, 2_500, 0)), ("sz", (-500, 0, 2_500, 2_000)))
    points = {"a": (0, -1_500), "b": (0, 1_500), "c": (1_500, -1_500), "d": (1_500, 1_500)}
    ground = on_streets(drawn(points, [("a", "b"), ("a", "c"), ("b", "d")]), both)
    assert ground.streets.cut == 1
    assert walk(ground, (0, -1_500), (0, 1_500), "hk sz") is None
    assert walk(ground, (0, -1_500), (1_500, -1_500), "hk hk") == pytest.approx(1_500 / 1.3, abs=0.5)
    assert walk(ground, (0, -100), (0, 100), "hk sz") is None


def test_a_place_near_the_boundary_never_starts_on_the_other_sides_street() -> None:
    """The only street lies 100 m beyond the boundary: a place of the other side is not on the graph."""
    both = made(("hk", (-500, -2_000, 2_500, 0)), ("sz", (-500, 0, 2_500, 2_000)))
    ground = on_streets(drawn({"a": (0, 200), "b": (2_000, 200)}, [("a", "b")]), both)
    for a, b in (((0.0, -50.0), (1_500.0, -50.0)), ((0.0, -100.0), (700.0, -100.0))):
        assert walk(ground, a, b, "hk hk") == walk(both, a, b, "hk hk")


def test_a_bridge_between_the_sides_is_cut_in_the_water() -> None:
    """600 m of water between the sides; nodes on the bridge belong to the nearer shore, and one street is cut."""
    both = made(("hk", (-500, -2_000, 2_500, -300)), ("sz", (-500, 300, 2_500, 2_000)))
    points = {"a": (0, -1_800), "b": (0, 1_800)}
    ground = on_streets(drawn(points, [("a", "b")]), both)
    assert ground.streets.cut == 1
    assert {int(c) for c in ground.streets.code} == {1, 2}
    assert walk(ground, (0, -1_800), (0, 1_800), "hk sz") is None


def test_pieces_that_do_not_meet_are_not_walked_between() -> None:
    points = {"a": (0, 0), "b": (2_000, 0), "c": (0, 600), "d": (2_000, 600)}
    ground = on_streets(drawn(points, [("a", "b"), ("c", "d")]))
    assert ground.streets.pieces == 2
    assert walk(ground, (0, 0), (0, 600)) is None
    assert walk(ground, (0, 0), (1_500, 0)) == pytest.approx(1_500 / 1.3, abs=0.5)


def test_a_yard_cut_off_from_the_streets_is_left_out() -> None:
    """A piece of 150 m lies beside a street of 2 km: a place in it starts from the street, 100 m away."""
    points = {"a": (0, 0), "b": (2_000, 0), "c": (0, 100), "d": (150, 100)}
    ground = on_streets(drawn(points, [("a", "b"), ("c", "d")]))
    assert PIECE_M > 150 and ground.streets.pieces == 1
    assert walk(ground, (0, 100), (1_500, 0)) == pytest.approx(1_600 / 1.3, abs=0.5)


def test_a_graph_elsewhere_is_refused() -> None:
    graph = drawn({"a": (90_000, 0), "b": (91_000, 0)}, [("a", "b")])
    with pytest.raises(LayerError, match="no node is on land of the study area.*swap x and y"):
        on_streets(graph)


# --- against a reference ----------------------------------------------------------------------------


@st.composite
def random_graphs(draw: st.DrawFn) -> nx.MultiDiGraph:
    n = draw(st.integers(2, 14))
    place = st.tuples(st.integers(0, 30), st.integers(0, 30))
    points = draw(st.lists(place, min_size=n, max_size=n, unique=True))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    streets = draw(st.lists(ends, min_size=1, max_size=3 * n))
    longer = draw(st.lists(st.floats(1.0, 3.0), min_size=len(streets), max_size=len(streets)))
    graph = drawn(
        {i: (p[0] * 100.0, p[1] * 100.0) for i, p in enumerate(points)}, [e for e in streets if e[0] != e[1]]
    )
    for (u, v), factor in zip(streets, longer, strict=True):
        if u != v:
            straight = 100.0 * float(np.hypot(*np.subtract(points[u], points[v])))
            graph.add_edge(u, v, length=straight * factor)
    return graph


@settings(max_examples=60)
@given(random_graphs(), st.floats(200.0, 6_000.0))
def test_ways_by_street_are_those_of_scipy_and_the_same_both_ways(
    graph: nx.MultiDiGraph, limit: float
) -> None:
    if not graph.number_of_edges():
        return
    ground = on_streets(graph)
    compiled = ground.streets.graph
    nodes = np.arange(len(graph), dtype=np.int32)
    zero = np.zeros(nodes.size)
    start, target, metres = street_distances(
        ground.streets, Snapped(nodes, zero), Snapped(nodes, zero), limit
    )
    ours = np.full((nodes.size, nodes.size), np.inf)
    ours[np.repeat(nodes, np.diff(start)), target] = metres
    reference = dijkstra(_matrix(compiled, ground.streets.length_m), indices=nodes)[:, nodes]
    sure = np.abs(reference - limit) > 1e-6
    reference = np.where(reference <= limit, reference, np.inf)
    np.testing.assert_allclose(ours[sure], reference[sure], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(ours[sure], ours.T[sure], rtol=1e-9, atol=1e-6)


@settings(max_examples=40)
@given(random_graphs())
def test_ways_by_street_are_those_of_networkx_on_the_graph_as_given(graph: nx.MultiDiGraph) -> None:
    """The compiled graph, with nodes along its streets, keeps every distance of the undirected original."""
    if not graph.number_of_edges():
        return
    ground = on_streets(graph)
    nodes = np.arange(len(graph), dtype=np.int32)
    zero = np.zeros(nodes.size)
    start, target, metres = street_distances(ground.streets, Snapped(nodes, zero), Snapped(nodes, zero), 1e6)
    ours = {
        (int(u), int(v)): m for u, v, m in zip(np.repeat(nodes, np.diff(start)), target, metres, strict=True)
    }
    undirected = nx.MultiGraph(graph)  # keeps both edges of a pair; `to_undirected` would keep one
    known = dict(nx.all_pairs_dijkstra_path_length(undirected, weight="length"))
    names = list(graph)
    # a metre on the globe is one of EPSG:4547 to 1 part in 10,000, and a length never counts less than the line
    for (u, v), m in ours.items():
        assert m == pytest.approx(known[names[u]][names[v]], rel=2e-4, abs=0.5)
    assert len(ours) == sum(len(row) for row in known.values())


def test_places_on_and_off_the_graph_in_one_call_are_each_walked_their_way() -> None:
    """Four places on the grid, four far off it; every pair equals the pair asked alone, rows are in order."""
    ground = on_streets(grid())
    places = np.array(
        [(0, 0), (410, 20), (1_600, 1_200), (30, 800), (-900, 0), (2_600, 0), (0, 2_500), (3_000, 3_000)]
    )
    x, y = places[:, 0] + E0, places[:, 1] + N0
    start, target, metres = ground.distances(Points(x, y, ["sz"] * 8), Points(x, y, ["sz"] * 8), 3_400.0)
    assert start.dtype == target.dtype == np.int32 and metres.dtype == np.float32
    for i in range(8):
        row = target[start[i] : start[i + 1]]
        assert list(row) == sorted(set(row.tolist()))
        found = dict(zip(row.tolist(), metres[start[i] : start[i + 1]].tolist(), strict=True))
        for j in range(8):
            alone = walk(ground, tuple(places[i]), tuple(places[j]), limit=3_400.0)
            assert found.get(j) == (None if alone is None else pytest.approx(alone, abs=1e-3))


def test_a_feeder_runs_as_without_streets() -> None:
    """From (0, 0) to (1600, 1200) by street on foot 2,800 / 1.2 = 2,333 s; by feeder 300 + 2,000 x 1.4 / (15 / 3.6) =
    972 s, streets or not. To (400, 0) on foot 400 / 1.2 = 333.3 s, where open ground takes 433.3 and a feeder 434.4. To
    (800, 800) on foot 1,600 / 1.2 = 1,333 s, by feeder 300 + 1,131.4 x 0.336 = 680.2 s.
    """
    ground = on_streets(grid())
    x, y = np.array([0.0, 1_600.0, 400.0, 800.0]) + E0, np.array([0.0, 1_200.0, 0.0, 800.0]) + N0
    start, target, seconds = ground.reach(Points(x[:1], y[:1], ["sz"]), Points(x, y, ["sz"] * 4), 5_000.0)
    assert start.tolist() == [0, 4] and target.tolist() == [0, 1, 2, 3]
    assert seconds == pytest.approx([0.0, 972.0, 333.3, 680.2], abs=0.5)


def test_by_street_nobody_walks_further_than_an_hour_to_a_station() -> None:
    """Two shores and a bridge at x = 2,000: (0, 0) to (0, 1000) is 5,000 m by street, 3,846 of open ground. That is over
    the 3,400 of the walking limit, and no feeder runs over water; from (1000, 0) to (1000, 1000) it is 3,000 m.
    """
    shores = made(("sz", (-500, -1_500, 3_000, 200)), ("sz", (-500, 800, 3_000, 2_500)))
    points = {
        "a": (0, 0),
        "b": (2_000, 0),
        "c": (2_000, 1_000),
        "d": (0, 1_000),
        "e": (1_000, 0),
        "f": (1_000, 1_000),
    }
    ground = on_streets(drawn(points, [("a", "e"), ("e", "b"), ("b", "c"), ("c", "f"), ("f", "d")]), shores)
    for x, expected in ((0.0, []), (1_000.0, [3_000 / 1.2])):
        a, b = Points.of([(x + E0, N0, "sz")]), Points.of([(x + E0, N0 + 1_000.0, "sz")])
        assert ground.reach(a, b, 5_000.0)[2].tolist() == pytest.approx(expected, abs=0.5)


def test_reach_off_the_graph_is_that_of_open_ground() -> None:
    ground, x, y = on_streets(grid()), np.array([4_000.0, 4_500.0]) + E0, np.array([4_000.0, 5_000.0]) + N0
    start, target, metres = PLAIN.distances(Points(x, y, ["sz"] * 2), Points(x, y, ["sz"] * 2), 5_000.0)
    found = ground.reach(Points(x, y, ["sz"] * 2), Points(x, y, ["sz"] * 2), 5_000.0)
    np.testing.assert_array_equal(found[0], start)
    np.testing.assert_array_equal(found[1], target)
    np.testing.assert_allclose(found[2], PLAIN.parameters.reach_s(metres))


def test_the_grid_merged_for_speed_changes_nothing_by_street() -> None:
    ground, x, y = on_streets(grid()), np.array([0.0, 1_600.0]) + E0, np.array([0.0, 1_200.0]) + N0
    fine = ground.distances(Points(x, y, ["sz"] * 2), Points(x, y, ["sz"] * 2), 5_000.0)
    coarse = ground.distances(Points(x, y, ["sz"] * 2), Points(x, y, ["sz"] * 2), 5_000.0, coarsen=2)
    for a, b in zip(fine, coarse, strict=True):
        np.testing.assert_array_equal(a, b)
