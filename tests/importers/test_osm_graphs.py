"""Street graphs of OpenStreetMap, by every kind of source, and entered in a study."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import yaml

from corridor.core.errors import CatalogError, CorridorError, LayerError
from corridor.importers.entry.files import Limits
from corridor.importers.osm.graphs import ROAD, WALK, add_graph, check_graphs
from corridor.importers.osm.query import Query
from corridor.network.roads import RoadGraph
from corridor.network.streets import StreetGraph
from corridor.schema.catalog import Catalog, sha256
from tests.conftest import Cli
from tests.importers.osm_queries import HERE, by_source, entry
from tests.network.street_factory import grid, saved
from tests.osm_server import Town

# Half-kilometre streets: 0.005 degrees of longitude at 22.44 N are 514 m, of latitude 556 m on OSMnx's sphere.
EAST_KM, NORTH_KM = 0.5139, 0.5560


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["place", "bbox", "polygon", "xml", "graphml"])
def test_streets_to_walk_on_from_every_source(
    name: str, server: type[Town], tmp_path: Path, xml: Path, outline: Path
) -> None:
    """Two streets of two halves to the east, three of one to the north: 4 x 513.9 + 3 x 556.0 = 3,724 m. The motorway
    and the private drive are no streets to walk on. A GraphML file is taken as it is, with its motorway (left out, and
    counted) and its drive of 2 x 513.8 m."""
    added = add_graph(by_source(name, tmp_path, xml, outline), tmp_path, WALK)
    drive = 2 * EAST_KM if name == "graphml" else 0.0
    assert f"{4 * EAST_KM + 3 * NORTH_KM + drive:.1f} km of street" in str(added)
    kept = yaml.safe_load(added.entry)[0]
    assert kept["role"] == "walk_graph" and kept["licence"] == "ODbL 1.0"
    asked = {"place": '--place "Town"', "bbox": HERE, "polygon": "--polygon outline.gpkg (sha256 "}
    assert asked.get(name, f"--{name} ") in kept["source"]
    if name in asked:
        assert f"network type 'walk', {server.address}/api asked on " in kept["notes"]
        assert "data of 2026-11-20T06:00:00Z" in kept["notes"]
        assert kept["date"] == "2026-11-20"
        assert [r.startswith("/search") for r in server.requests] == ([True] if name == "place" else []) + [
            False
        ]


@pytest.mark.parametrize("name", ["place", "bbox", "polygon", "xml"])
def test_roads_to_drive_on_from_every_source(
    name: str, server: type[Town], tmp_path: Path, xml: Path, outline: Path
) -> None:
    """Driven both ways: North Street (2 edges of 514 m), west (556) and east (556); one way: South Street and the
    motorway (1,028 m). The footway and the drive are no roads, so the middle of each street is no crossing: North
    Street, west and east are 1 edge each way between nodes 1, 4, 6, 3. OSMnx keeps a crossing only where roads meet:
    4 and 6 are bends and go, so 1 to 3 over the north is one road of 556 + 1,028 + 556 = 2,140 m, there and back."""
    added = add_graph(by_source(name, tmp_path, xml, outline), tmp_path, ROAD)
    roads = added.streets
    assert isinstance(roads, RoadGraph)
    assert roads.km == pytest.approx(2 * (2 * NORTH_KM + 2 * EAST_KM) + 2 * EAST_KM + 2 * EAST_KM, abs=0.01)
    # 1-3 and 3-1 over the north, 1-3 by South Street (which has a way back too), 3-7: one edge of four has none.
    assert (roads.read_nodes, roads.read_edges) == (3, 4)
    assert roads.one_way_share == 0.25
    assert roads.joined_share == pytest.approx(2 / 3)
    said = yaml.safe_load(added.entry)[0]
    assert said["role"] == "road_graph" and said["title"]["en"] == "Roads to drive on"
    assert said["built_by"].startswith(f"corridor layers add road --{name} ")


def test_the_detour_by_road_is_that_of_the_streets() -> None:
    """Corners of a square of 2 km (0.01946 x 0.01806 degrees), roads along three sides: neighbours along a road 1.0,
    the ends of the missing side 3.0, across the square (4 km over 2.83) 1.414. Of six pairs, each there and back, three
    are 1.0, two 1.414, one 3.0: the median of 1, 1, 1, 1.41, 1.41, 3 is 1.21; the 90 % point between the last two
    (0.9 x 11 = 9.9 of twelve, sorted) is at 3.0 less a tenth of 1.586: 2.84."""
    corners = {0: (114.0, 22.5), 1: (114.01946, 22.5), 2: (114.01946, 22.51806), 3: (114.0, 22.51806)}
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in corners.items():
        graph.add_node(node, x=x, y=y)
    for u, v in ((0, 1), (1, 2), (2, 3)):
        graph.add_edge(u, v, length=2_000.0)
        graph.add_edge(v, u, length=2_000.0)
    roads = RoadGraph.from_graph(graph)
    assert (roads.pairs, roads.one_way_share, roads.joined_share) == (12, 0.0, 1.0)
    assert roads.detour_median == pytest.approx((1 + 2**0.5) / 2, abs=0.005)
    assert roads.detour_p90 == pytest.approx(3.0 - 0.1 * (3 - 2**0.5), abs=0.01)
    graph.add_edge(3, 0, length=2_000.0, highway=["footway", "steps"])  # would close the square
    again = RoadGraph.from_graph(graph)
    assert (again.pairs, again.not_driven, again.read_edges) == (12, 1, 7)
    assert again.detour_median == roads.detour_median
    assert "1 edges of footways and the like left out" in str(again)
    with pytest.raises(LayerError, match="has no road; expected roads to drive on"):
        RoadGraph.from_graph(nx.MultiDiGraph(graph.edge_subgraph([(3, 0, 0)])))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, True),
        ({"highway": "residential"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "service"}, False),
        ({"highway": "residential", "service": "alley"}, False),
        ({"highway": "residential", "motor_vehicle": "no"}, False),
        ({"highway": "residential", "motorcar": "no"}, False),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "area": "yes"}, False),
        ({"railway": "rail"}, False),
    ],
)
def test_roads_of_a_file_are_chosen_as_osmnx_chooses_them(tags: dict[str, str], expected: bool) -> None:
    assert ROAD.used(tags) is expected


def test_a_broken_graph_entered_by_hand_is_found(tmp_path: Path, xml: Path) -> None:
    """As `layers check` finds it: an edge without its length."""
    added = add_graph(Query(xml=xml), tmp_path, ROAD)
    (tmp_path / "catalog.yaml").write_text(added.entry)
    assert check_graphs(Catalog.open(tmp_path / "catalog.yaml")) == []
    text = added.path.read_text(encoding="utf-8")
    key = re.findall(
        r'for="edge" attr.name="length"[^>]*id="(\w+)"|id="(\w+)" for="edge" attr.name="length"', text
    )
    name = next(k for k in key[0] if k)
    added.path.write_text(text.replace(f'<data key="{name}">', '<data key="nothing">', 1), encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text(added.entry.replace(sha256_of(text), sha256(added.path)))
    (problem,) = check_graphs(Catalog.open(tmp_path / "catalog.yaml"))
    assert problem.where.startswith("road_graph.graphml")


def test_a_saved_graph_from_the_command_line_goes_into_the_study(
    cli: Cli, mine: Path, tmp_path: Path, xml: Path
) -> None:
    done = cli("--study", mine, "layers", "add", "road", "--xml", xml)
    assert done.exit_code == 0 and "one-way" in done.output, done.output
    again = cli("--study", mine, "layers", "add", "road", "--xml", xml)
    assert again.exit_code == 1 and "use 'corridor layers replace road_graph FILE" in again.output
    shutil.copy(mine / entry(mine, "road_graph")["path"], tmp_path / "g.graphml")
    other = cli("--study", mine, "layers", "replace", "road_graph", tmp_path / "g.graphml")
    assert other.exit_code == 0 and "takes the place of 'road_graph'" in other.output, other.output


FILE = "walk_graph.graphml"


def test_the_size_of_a_large_file_is_said_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr("corridor.importers.entry.files.LIMITS", Limits(told_bytes=1_000))
    path = saved(tmp_path)
    (tmp_path / "out").mkdir()
    add_graph(Query(graphml=path), tmp_path / "out", WALK)
    assert len(said) == 1 and said[0].startswith("reading g.graphml (0 MB), about 0.0 GB")


def test_a_saved_graph_is_entered_in_the_catalogue_with_its_query(tmp_path: Path) -> None:
    source = saved(tmp_path)
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "catalog.yaml").write_text("# mine\n- id: a\n  role: other\n", encoding="utf-8")
    added = add_graph(Query(graphml=source), folder, WALK)
    text = (folder / "catalog.yaml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n- id: a\n") and added.entered
    entry = yaml.safe_load(text)[1]
    assert (entry["id"], entry["role"], entry["path"], entry["date"]) == (
        "walk_graph",
        "walk_graph",
        FILE,
        "2026-01-02",
    )
    assert entry["built_by"] == "corridor layers add walk --graphml g.graphml"
    assert entry["attribution"] == "© OpenStreetMap contributors" and entry["licence"] == "ODbL 1.0"
    assert (folder / FILE).read_bytes() == source.read_bytes()
    with pytest.raises(CatalogError, match="has a layer with role 'walk_graph'"):
        add_graph(Query(graphml=source), folder, WALK)


def test_without_a_catalogue_the_entry_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    added = add_graph(Query(graphml=saved(tmp_path)), folder, WALK)
    assert not added.entered and "Put this into the catalogue" in str(added) and added.entry in str(added)
    assert yaml.safe_load(added.entry)[0]["kind"] == "document"
    with pytest.raises(CorridorError, match=r"walk_graph.graphml: exists"):
        add_graph(Query(graphml=saved(tmp_path)), folder, WALK)


def test_a_graph_of_unknown_origin_is_given_no_licence(tmp_path: Path) -> None:
    import osmnx

    graph = nx.convert_node_labels_to_integers(grid(3))
    graph.graph["created_with"] = "a friend"
    path = tmp_path / "g.graphml"
    nx.write_graphml(nx.MultiDiGraph([(0, 1)]), path)
    osmnx.save_graphml(graph, path)
    folder = tmp_path / "out"
    folder.mkdir()
    entry = yaml.safe_load(add_graph(Query(graphml=path), folder, WALK).entry)[0]
    assert (entry["licence"], entry["attribution"]) == ("not stated", "")


def test_a_faulty_graph_leaves_nothing_behind(tmp_path: Path) -> None:
    source = saved(tmp_path)
    source.write_text("<graphml>", encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(LayerError):
        add_graph(Query(graphml=source), folder, WALK)
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorridorError, match="is no folder"):
        add_graph(Query(graphml=saved(tmp_path)), tmp_path / "nowhere", WALK)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, True),
        ({"building": "yes"}, False),
        ({"highway": "motorway_link"}, False),
        ({"highway": "cycleway"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "primary", "foot": "no"}, False),
        ({"highway": "primary", "sidewalk:both": "separate"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "pedestrian", "area": "yes"}, False),
    ],
)
def test_ways_are_chosen_as_osmnx_chooses_them(tags: dict[str, str], expected: bool) -> None:
    assert WALK.used(tags) is expected


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
 <node id="1" lat="22.6000" lon="114.0000"/>
 <node id="2" lat="22.6000" lon="114.0100"/>
 <node id="3" lat="22.6100" lon="114.0100"/>
 <node id="4" lat="22.6100" lon="114.0000"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
 <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>
 <way id="12"><nd ref="1"/><nd ref="3"/><tag k="highway" v="motorway"/></way>
 <way id="13"><nd ref="1"/><nd ref="4"/><nd ref="3"/><tag k="building" v="yes"/></way>
 <way id="14"><nd ref="3"/><nd ref="4"/><tag k="highway" v="service"/><tag k="foot" v="no"/></way>
</osm>
"""


def test_an_osm_file_gives_only_what_one_walks_on(tmp_path: Path) -> None:
    """Ways 10 and 11 stay: 0.01 degrees of longitude at 22.6 N are 1,026.6 m on the sphere, of latitude 1,111.9."""
    path = tmp_path / "a.osm"
    path.write_text(OSM, encoding="utf-8")
    added = add_graph(Query(xml=path), tmp_path, WALK)
    assert added.streets.street_km == pytest.approx(1.0266 + 1.1119, abs=0.01)
    assert StreetGraph.load(added.path).street_km == pytest.approx(added.streets.street_km)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:400], "a.osm: cannot be read as OSM XML"),
        (lambda _: "", "a.osm: cannot be read as OSM XML"),
        (lambda text: text.replace("highway", "waterway"), "a.osm: has no street to walk on"),
        (
            lambda text: text.replace("<osm", '<!DOCTYPE osm [<!ENTITY a "b">]><osm', 1),
            "declares a document type",
        ),
    ],
)
def test_a_damaged_osm_file_is_told(tmp_path: Path, change: Any, message: str) -> None:
    path = tmp_path / "a.osm"
    path.write_text(change(OSM), encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        add_graph(Query(xml=path), tmp_path, WALK)
