"""A street graph as compiled: read from a file once, its nodes along the streets, and its faults named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from corridor.core.errors import CorridorError, CrsError, GeometryError, LayerError, MissingColumnError
from corridor.network.street_ground import StreetGround
from corridor.network.streets import SPACING_M, StreetGraph
from tests.network.street_factory import PLAIN, drawn, grid, on_streets, saved, walk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_nodes_along_streets_are_never_further_apart_than_stated() -> None:
    compiled = StreetGraph.from_graph(grid())
    assert compiled.length_m.max() <= SPACING_M
    assert compiled.street_km == pytest.approx(40 * 0.4, rel=1e-3)
    assert compiled.nodes == 25 + 40 * 6  # 40 streets of 400 m in 7 pieces each
    assert str(compiled).startswith("25 nodes and 80 edges read, 16.0 km of street, 265 nodes")


def test_a_graph_saved_by_osmnx_walks_as_before(tmp_path: Path) -> None:
    import osmnx

    graph = nx.convert_node_labels_to_integers(grid())
    osmnx.save_graphml(graph, tmp_path / "grid.graphml")
    loaded = StreetGround.of(PLAIN, StreetGraph.load(tmp_path / "grid.graphml"))
    for a, b in (((0.0, 0.0), (1_600.0, 1_200.0)), ((-90.0, 0.0), (700.0, 30.0))):
        assert walk(loaded, a, b) == pytest.approx(walk(on_streets(graph), a, b), abs=1e-3)


def test_a_file_is_compiled_once_and_again_when_it_changes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import osmnx

    path = saved(tmp_path)
    first = StreetGraph.load(path)
    (kept,) = cache.iterdir()
    with monkeypatch.context() as patched:
        patched.setattr(osmnx, "load_graphml", None)  # a second reading would fail
        again = StreetGraph.load(path)
    assert str(again) == str(first)
    for name in ("x_m", "y_m", "start", "neighbour", "length_m"):
        np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
        assert getattr(again, name).dtype == getattr(first, name).dtype
    osmnx.save_graphml(nx.convert_node_labels_to_integers(grid(4)), path)
    assert StreetGraph.load(path).street_km > first.street_km
    assert len(list(cache.iterdir())) == 2 and kept.exists()


@pytest.mark.parametrize("damage", [b"", b"PK no zip", None])
def test_a_damaged_cache_is_made_again(tmp_path: Path, cache: Path, damage: bytes | None) -> None:
    path = saved(tmp_path)
    first = StreetGraph.load(path)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-200] if damage is None else damage)
    with pytest.warns(RuntimeWarning, match="it is not what was written"):
        assert str(StreetGraph.load(path)) == str(first)


def test_without_a_cache_folder_it_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path / "file"))
    assert StreetGraph.load(saved(tmp_path)).read_nodes == 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "g.graphml: cannot be read as GraphML"),
        (lambda _: "", "g.graphml: cannot be read as GraphML"),
        (lambda _: "not xml at all", "g.graphml: cannot be read as GraphML"),
        (lambda text: text.replace(">400.", ">four."), "g.graphml: cannot be read as GraphML"),
        (lambda text: text.replace('source="0"', 'sauce="0"'), "g.graphml: cannot be read as GraphML"),
        (
            lambda text: text.replace("<graphml", '<!DOCTYPE x [<!ENTITY a "b">]><graphml', 1),
            "g.graphml: declares a document type",
        ),
    ],
)
def test_a_damaged_file_is_told_and_never_a_traceback(tmp_path: Path, change: Any, message: str) -> None:
    path = saved(tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        StreetGraph.load(path)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(LayerError, match="nowhere.graphml: is missing; expected a file of GraphML; correct"):
        StreetGraph.load(Path("nowhere.graphml"))


def test_every_cut_of_a_file_is_an_error_of_ours(tmp_path: Path) -> None:
    """A file cut off anywhere, or with a byte changed, either walks or is refused plainly."""
    path, rng = saved(tmp_path), np.random.default_rng(3)
    whole = path.read_bytes()
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[int(rng.integers(len(data))) :]
        for at in rng.integers(0, max(1, len(data)), size=3):
            data[at : at + 1] = bytes([int(rng.integers(32, 127))])
        path.write_bytes(bytes(data))
        try:
            StreetGraph.load(path)
        except CorridorError:
            refused += 1
    assert refused > 20


def test_edges_without_length_are_named() -> None:
    graph = drawn({"a": (0, 0), "b": (500, 0), "c": (900, 0)}, [("a", "b"), ("b", "c")])
    del graph["a"]["b"][0]["length"]
    with pytest.raises(MissingColumnError) as caught:
        StreetGraph.from_graph(graph, "mine")
    assert str(caught.value) == (
        "- mine edges a-b: 1 of 4 without 'length'; expected metres on every edge; "
        "osmnx.distance.add_edge_lengths(graph)"
    )


@pytest.mark.parametrize("length", [-1.0, float("nan"), float("inf"), "far"])
def test_a_length_that_is_no_distance_is_named(length: Any) -> None:
    graph = drawn({"a": (0, 0), "b": (500, 0)}, [("a", "b")])
    graph["b"]["a"][0]["length"] = length
    with pytest.raises(LayerError, match="mine edges b-a: 1 of 2 with a 'length' that is no distance"):
        StreetGraph.from_graph(graph, "mine")


def test_projected_coordinates_are_told_by_the_stated_crs_or_by_the_numbers() -> None:
    import osmnx

    graph = osmnx.project_graph(nx.convert_node_labels_to_integers(grid(3)), to_crs="epsg:32650")
    with pytest.raises(
        CrsError, match=r"is in .*32650; expected EPSG:4326; osmnx.project_graph\(graph, to_latlong=True\)"
    ):
        StreetGraph.from_graph(graph)
    del graph.graph["crs"]
    with pytest.raises(
        CrsError, match=r"x runs from .* longitude and latitude in degrees; osmnx.project_graph"
    ):
        StreetGraph.from_graph(graph)


def test_latitude_and_longitude_swapped() -> None:
    graph = grid(3)
    for _, d in graph.nodes(data=True):
        d["x"], d["y"] = d["y"], d["x"]
    with pytest.raises(CrsError, match="y from 11.*swap x and y"):
        StreetGraph.from_graph(graph)


def test_a_node_without_a_position_and_an_edge_without_length_are_told_together() -> None:
    graph = grid(3)
    del graph.nodes[(1, 1)]["x"]
    del graph[(0, 0)][(0, 1)][0]["length"]
    with pytest.raises(GeometryError) as caught:
        StreetGraph.from_graph(graph)
    assert len(caught.value.problems) == 2
    assert "nodes (1, 1): 1 without a position" in str(caught.value)


@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), drawn({"a": (0, 0)}, [])])
def test_a_graph_without_streets_is_refused(graph: nx.MultiDiGraph) -> None:
    with pytest.raises(LayerError, match="has no nodes or no edges"):
        StreetGraph.from_graph(graph)


def test_a_graph_of_motorways_only_is_refused() -> None:
    graph = drawn({"a": (0, 0), "b": (500, 0)}, [("a", "b")], highway="motorway")
    with pytest.raises(LayerError, match="has motorways only"):
        StreetGraph.from_graph(graph)


def test_a_length_under_the_straight_line_is_raised_and_counted() -> None:
    graph = drawn({"a": (0, 0), "b": (1_000, 0)}, [("a", "b")])
    for u, v in (("a", "b"), ("b", "a")):
        graph[u][v][0]["length"] = 400.0
    compiled = StreetGraph.from_graph(graph)
    assert compiled.too_short == 1 and "1 lengths under the straight line" in str(compiled)
    assert compiled.street_km == pytest.approx(1.0, abs=0.001)
